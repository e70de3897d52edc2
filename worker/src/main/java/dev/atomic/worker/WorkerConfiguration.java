package dev.atomic.worker;

import dev.atomic.db.DatabaseSettings;
import dev.atomic.shared.DatabasePatience;
import dev.atomic.shared.Settings;
import dev.atomic.shared.Variables;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.job.CheckpointStore;
import dev.atomic.shared.job.FileStore;
import dev.atomic.shared.job.FinishedJobs;
import dev.atomic.shared.job.FollowUpStore;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.MaintenanceTurns;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.job.StrandedJobs;
import dev.atomic.shared.job.WorkerRegistry;
import dev.atomic.shared.model.ModelProviders;
import dev.atomic.shared.queue.Deliveries;
import dev.atomic.shared.queue.Signals;
import dev.atomic.shared.transition.Transitions;
import dev.atomic.worker.agent.AgentClient;
import dev.atomic.worker.claim.Claims;
import dev.atomic.worker.event.EventWriter;
import dev.atomic.worker.maintenance.AgentNews;
import dev.atomic.worker.maintenance.DueJobs;
import dev.atomic.worker.maintenance.Heartbeat;
import dev.atomic.worker.maintenance.Recovery;
import dev.atomic.worker.maintenance.Retention;
import dev.atomic.worker.memory.JobMemory;
import dev.atomic.worker.pipeline.GenerationHandler;
import dev.atomic.worker.pipeline.GenerationPipeline;
import dev.atomic.worker.pipeline.ModelStage;
import dev.atomic.worker.pipeline.PipelineRuns;
import dev.atomic.worker.pipeline.VerifyStage;
import dev.atomic.worker.pipeline.Writings;
import dev.atomic.worker.queue.JobRunrQueue;
import dev.atomic.worker.sandbox.Sandbox;
import dev.atomic.worker.telemetry.WorkerMeters;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.support.TransactionTemplate;

/// The worker's parts and how they hang together.
@Configuration(proxyBeanMethods = false)
class WorkerConfiguration {
    @Bean
    WorkerSettings workerSettings(Variables variables) {
        return WorkerSettings.from(new Settings(variables.values()));
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
    WorkerMeters workerMeters(MeterRegistry registry) {
        return new WorkerMeters(registry);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }

    @Bean(destroyMethod = "shutdownNow")
    ScheduledExecutorService timer() {
        return Executors.newScheduledThreadPool(
                4, Thread.ofPlatform().daemon().name("timer-", 0).factory());
    }

    @Bean
    AgentClient agentClient(WorkerSettings settings) {
        return new AgentClient(settings.agent());
    }

    @Bean
    EventWriter eventWriter(
            JobStore jobs,
            EventLog log,
            Transitions transitions,
            TransactionTemplate transactions,
            Signals signals,
            Clock clock,
            WorkerMeters meters) {
        return new EventWriter(jobs, log, transitions, transactions, signals, clock, meters);
    }

    @Bean
    Claims claims(
            Transitions transitions,
            StrandedJobs stranded,
            TransactionTemplate transactions,
            Signals signals,
            Clock clock,
            WorkerRegistry.Beat identity,
            WorkerMeters meters) {
        return new Claims(
                transitions,
                stranded,
                transactions,
                signals,
                clock,
                new Claims.Holder(identity.id(), identity.name()),
                meters);
    }

    @Bean
    GenerationPipeline pipeline(
            AgentClient agent,
            Sandbox sandbox,
            CheckpointStore checkpoints,
            FileStore files,
            FollowUpStore followUps,
            JobStore jobs,
            EventLog log,
            EventWriter writer,
            WorkerMeters meters) {
        JobMemory memory = JobMemory.ofThisProcess();
        return new GenerationPipeline(
                new ModelStage(StageName.SPEC, agent, Writings.spec(), memory),
                new ModelStage(StageName.CODE, agent, Writings.code(), memory),
                new VerifyStage(sandbox, memory, meters),
                new ModelStage(StageName.DOCS, agent, Writings.docs(), memory),
                new PipelineRuns(checkpoints, files, followUps, jobs, log, writer),
                meters);
    }

    @Bean
    GenerationHandler generationHandler(
            Claims claims,
            GenerationPipeline pipeline,
            EventWriter writer,
            DueJobs due,
            ScheduledExecutorService timer,
            WorkerMeters meters) {
        return new GenerationHandler(claims, pipeline, writer, due, timer, meters);
    }

    @Bean
    JobRunrQueue jobRunrQueue(
            DataSource dataSource,
            DatabaseSettings database,
            Claims claims,
            GenerationHandler handler,
            Signals signals,
            JobRunrQueue.Member member,
            ScheduledExecutorService timer) {
        return new JobRunrQueue(
                dataSource, database.dialect(), claims, handler, signals, member, timer);
    }

    @Bean
    JobRunrQueue.Member member(
            WorkerSettings settings, WorkerRegistry.Beat identity, Heartbeat heartbeat) {
        return new JobRunrQueue.Member(
                identity.id(),
                identity.name(),
                settings.maxConcurrent(),
                Duration.ofSeconds(settings.stopSeconds() / 2),
                heartbeat::alive,
                heartbeat::isDatabaseUp);
    }

    @Bean
    DueJobs dueJobs(
            StrandedJobs stranded,
            Deliveries deliveries,
            TransactionTemplate transactions,
            Signals signals) {
        return new DueJobs(stranded, deliveries, transactions, signals);
    }

    @Bean
    Recovery recovery(
            JobStore jobs,
            StrandedJobs stranded,
            WorkerRegistry workers,
            Transitions transitions,
            DueJobs due,
            TransactionTemplate transactions,
            Signals signals,
            Clock clock,
            WorkerMeters meters) {
        return new Recovery(
                jobs, stranded, workers, transitions, due, transactions, signals, clock, meters);
    }

    @Bean
    Retention retention(
            MaintenanceTurns turns,
            FinishedJobs finished,
            FileStore files,
            TransactionTemplate transactions,
            WorkerSettings settings,
            ScheduledExecutorService timer) {
        Retention retention =
                new Retention(turns, finished, files, transactions, settings.retention());
        retention.start(timer);
        return retention;
    }

    @Bean
    Heartbeat heartbeat(
            WorkerRegistry workers,
            JobStore jobs,
            Claims claims,
            Recovery recovery,
            AgentClient agent,
            ModelProviders providers,
            Sandbox sandbox,
            WorkerRegistry.Beat identity) {
        return new Heartbeat(
                workers,
                jobs,
                claims,
                recovery,
                new AgentNews(agent, providers),
                sandbox,
                identity);
    }

    @Bean
    WorkerLifecycle workerLifecycle(
            JobRunrQueue queue,
            Heartbeat heartbeat,
            Claims claims,
            EventWriter writer,
            WorkerRegistry workers,
            WorkerRegistry.Beat identity,
            Signals signals,
            ScheduledExecutorService timer,
            WorkerSettings settings) {
        return new WorkerLifecycle(
                queue,
                heartbeat,
                claims,
                writer,
                workers,
                identity,
                signals,
                timer,
                Duration.ofSeconds(settings.stopSeconds()));
    }
}
