package dev.atomic.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.Variables;
import dev.atomic.shared.verify.Verification;
import dev.atomic.worker.sandbox.engine.Engine;
import dev.atomic.worker.sandbox.engine.EngineException;
import dev.atomic.worker.sandbox.run.OutputSink;
import dev.atomic.worker.sandbox.run.RunBuilder;
import dev.atomic.worker.sandbox.verdict.SandboxResult;
import dev.atomic.worker.telemetry.WorkerMeters;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;

/// A sandbox on the real engine, with a worker's name of its own, so that tests see only theirs.
final class SandboxUnderTest implements AutoCloseable {
    private static final OutputSink NOWHERE = (_, _) -> {};

    final String worker = "test-" + UUID.randomUUID();
    final MeterRegistry meters = new SimpleMeterRegistry();
    final SandboxSettings settings;
    final Sandbox sandbox;
    final Engine engine;

    SandboxUnderTest(int poolSize) {
        this(poolSize, Map.of());
    }

    /// @param variables set besides those of the environment
    SandboxUnderTest(int poolSize, Map<String, String> variables) {
        Map<String, String> env = new HashMap<>(System.getenv());
        env.putAll(variables);
        env.put("ATOMIC_SANDBOX_POOL_SIZE", Integer.toString(poolSize));
        settings = SandboxSettings.from(new Variables(env), 2);
        sandbox = new Sandbox(settings, worker, Clock.systemUTC(), new WorkerMeters(meters));
        engine = new Engine(settings.engine(), worker, Clock.systemUTC());
        sandbox.start();
    }

    /// The same engine, as a worker of this name and with this clock sees it.
    Engine engine(String name, Clock clock) {
        return new Engine(settings.engine(), name, clock);
    }

    SandboxResult.Verdict run(RunBuilder run) {
        return run(run, NOWHERE);
    }

    SandboxResult.Verdict run(RunBuilder run, OutputSink sink) {
        SandboxResult result = sandbox.run(run.build(), sink, new Stop());
        assertThat(result).isInstanceOf(SandboxResult.Verdict.class);
        return (SandboxResult.Verdict) result;
    }

    Verification verify(RunBuilder run) {
        return run(run).verification();
    }

    double counted(String result) {
        return meters.counter("atomic.sandbox.pool", "result", result).count();
    }

    void awaitReady(int containers) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> meters.get("atomic.sandbox.pool.ready").gauge().value() >= containers);
    }

    /// This worker's containers at the engine, running or not.
    List<Engine.Found> containers() throws EngineException {
        return engine.containers().stream().filter(each -> each.worker().equals(worker)).toList();
    }

    /// The places in which this worker's containers meet.
    List<String> places() throws IOException {
        Process listing =
                new ProcessBuilder(
                                "docker",
                                "volume",
                                "ls",
                                "-q",
                                "--filter",
                                "label=dev.atomic.worker=" + worker)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        return listing.inputReader().readAllLines();
    }

    /// @throws org.awaitility.core.ConditionTimeoutException when one stays
    void awaitNoContainerLeft() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(containers()).isEmpty());
    }

    /// Holds every test to it that nothing is left behind.
    @Override
    public void close() {
        sandbox.close();
        awaitNoContainerLeft();
        engine.close();
    }
}
