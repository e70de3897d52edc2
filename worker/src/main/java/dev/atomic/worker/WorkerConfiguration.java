package dev.atomic.worker;

import dev.atomic.shared.DatabasePatience;
import dev.atomic.shared.Variables;
import dev.atomic.shared.access.AccessRules;
import dev.atomic.shared.event.LogPacker;
import dev.atomic.shared.file.FileContents;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.job.WorkerRegistry;
import dev.atomic.shared.telemetry.Traces;
import dev.atomic.shared.upkeep.FinishedJobs;
import dev.atomic.shared.upkeep.MaintenanceTurns;
import dev.atomic.worker.agent.AgentClient;
import dev.atomic.worker.claim.Claims;
import dev.atomic.worker.maintenance.Heartbeat;
import dev.atomic.worker.maintenance.LogPacking;
import dev.atomic.worker.maintenance.Retention;
import dev.atomic.worker.maintenance.Upkeep;
import dev.atomic.worker.memory.JobMemory;
import dev.atomic.worker.pipeline.GenerationPipeline;
import dev.atomic.worker.pipeline.ModelStage;
import dev.atomic.worker.pipeline.PipelineRuns;
import dev.atomic.worker.pipeline.VerifyStage;
import dev.atomic.worker.pipeline.Writings;
import dev.atomic.worker.queue.JobRunrQueue;
import dev.atomic.worker.sandbox.Sandbox;
import dev.atomic.worker.telemetry.WorkerMeters;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.support.TransactionTemplate;

/// The worker's parts and how they hang together.
@Configuration(proxyBeanMethods = false)
class WorkerConfiguration {
    @Bean
    WorkerSettings workerSettings(Variables variables) {
        return WorkerSettings.from(variables);
    }

    @Bean
    AccessRules accessRules(Variables variables) {
        return AccessRules.ofActuator(variables);
    }

    @Bean
    DatabasePatience databasePatience() {
        return DatabasePatience.OF_WORK;
    }

    /// A process is a new worker each time it starts: what an earlier one held is another's.
    @Bean
    WorkerRegistry.Beat identity(WorkerSettings settings) {
        return new WorkerRegistry.Beat(
                UUID.randomUUID(),
                settings.name(),
                hostName(),
                ProcessHandle.current().pid(),
                settings.maxConcurrent(),
                0,
                false,
                false);
    }

    @Bean
    Claims.Holder holder(WorkerRegistry.Beat identity) {
        return new Claims.Holder(identity.id(), identity.name());
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }

    /// For spans of time; `Clock` is for what is written down.
    @Bean
    LongSupplier nanoTime() {
        return System::nanoTime;
    }

    @Bean(destroyMethod = "shutdownNow")
    ScheduledExecutorService timer() {
        return Executors.newScheduledThreadPool(
                4, Thread.ofPlatform().daemon().name("timer-", 0).factory());
    }

    /// Closed after all that has spans, as whatever needs it is.
    @Bean
    Traces traces(Variables variables) {
        return Traces.from(variables, "atomic-worker");
    }

    @Bean
    AgentClient agentClient(WorkerSettings settings) {
        return new AgentClient(settings.agent());
    }

    @Bean
    GenerationPipeline pipeline(
            AgentClient agent, Sandbox sandbox, PipelineRuns runs, WorkerMeters meters) {
        JobMemory memory = JobMemory.ofThisProcess();
        return new GenerationPipeline(
                new ModelStage(StageName.SPEC, agent, Writings.spec(), memory, meters),
                new ModelStage(StageName.CODE, agent, Writings.code(), memory, meters),
                new VerifyStage(sandbox, memory, meters),
                new ModelStage(StageName.DOCS, agent, Writings.docs(), memory, meters),
                runs,
                meters);
    }

    @Bean
    JobRunrQueue.Member member(
            WorkerSettings settings, WorkerRegistry.Beat identity, Heartbeat heartbeat) {
        return new JobRunrQueue.Member(
                identity.id(),
                identity.name(),
                settings.maxConcurrent(),
                settings.stopWithin().dividedBy(2),
                heartbeat::alive,
                heartbeat::isDatabaseUp);
    }

    @Bean
    LogPacking logPacking(
            MaintenanceTurns turns,
            LogPacker packer,
            TransactionTemplate transactions,
            LongSupplier nanoTime,
            Upkeep upkeep) {
        LogPacking packing = new LogPacking(turns, packer, transactions, nanoTime);
        packing.start(upkeep);
        return packing;
    }

    @Bean
    Retention retention(
            MaintenanceTurns turns,
            FinishedJobs finished,
            FileContents contents,
            TransactionTemplate transactions,
            WorkerSettings settings,
            LongSupplier nanoTime,
            Upkeep upkeep) {
        Retention retention =
                new Retention(
                        turns, finished, contents, transactions, settings.retention(), nanoTime);
        retention.start(upkeep);
        return retention;
    }
}
