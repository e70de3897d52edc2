package dev.atomic.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
import dev.atomic.worker.sandbox.engine.Engine;
import dev.atomic.worker.sandbox.engine.EngineException;
import dev.atomic.worker.sandbox.engine.EngineSettings;
import dev.atomic.worker.sandbox.engine.Link;
import dev.atomic.worker.sandbox.engine.Reaper;
import dev.atomic.worker.sandbox.engine.RunnerContainer;
import dev.atomic.worker.sandbox.run.OutputSink;
import dev.atomic.worker.sandbox.run.RunBuilder;
import dev.atomic.worker.sandbox.run.RunnerRequest;
import dev.atomic.worker.sandbox.run.Step;
import dev.atomic.worker.sandbox.verdict.SandboxResult;
import dev.atomic.worker.telemetry.WorkerMeters;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// However a run ends, its container goes, and soon.
@Tag("engine")
class LeftoversIT {
    private SandboxUnderTest sandbox;

    @BeforeEach
    void start() {
        sandbox = new SandboxUnderTest(0);
    }

    @AfterEach
    void stop() {
        sandbox.close();
    }

    @Test
    void aCancelledRunEndsWithinTwoSeconds() throws Exception {
        Stop stop = new Stop();
        AtomicReference<SandboxResult> result = new AtomicReference<>();
        CountDownLatch begun = new CountDownLatch(1);
        Thread runner =
                Thread.ofPlatform()
                        .start(() ->
                                result.set(
                                        sandbox.sandbox.run(
                                                RunBuilder.python(
                                                                "import time\nprint(1)\ntime.sleep(60)")
                                                        .build(),
                                                (_, _) -> begun.countDown(),
                                                stop)));
        begun.await();
        stop.now();

        assertThat(runner.join(Duration.ofSeconds(2))).isTrue();
        assertThat(result.get()).isEqualTo(new SandboxResult.Cancelled());
        Awaitility.await()
                .atMost(Duration.ofSeconds(2))
                .untilAsserted(() -> assertThat(sandbox.containers()).isEmpty());
    }

    @Test
    void aContainerThatIsKilledEveryTimeIsAFailureAndNeverAPass() {
        OutputSink killing =
                (_, _) -> {
                    try {
                        for (Engine.Found each : sandbox.containers()) {
                            sandbox.engine.remove(each.id());
                        }
                    } catch (EngineException e) {
                        throw new IllegalStateException(e);
                    }
                };
        Verification found =
                sandbox.run(RunBuilder.python("import time\nprint(1)\ntime.sleep(9)\n"), killing)
                        .verification();
        assertThat(found.status()).isEqualTo(VerificationStatus.FAILED);
        assertThat(found.reason()).isEqualTo("runner_lost");
    }

    @Test
    void withoutAnEngineThereIsNoVerdict() {
        SandboxSettings none =
                new SandboxSettings(
                        new EngineSettings(
                                "unix:///nowhere/docker.sock", "atomic-sandbox:latest", ""),
                        RunBuilder.LIMITS,
                        1,
                        1);
        try (Sandbox away =
                new Sandbox(
                        none,
                        sandbox.worker,
                        Clock.systemUTC(),
                        new WorkerMeters(new SimpleMeterRegistry()))) {
            away.start();
            assertThat(away.isAvailable()).isFalse();
            assertThat(away.run(RunBuilder.python("").build(), (_, _) -> {}, new Stop()))
                    .isInstanceOf(SandboxResult.Unavailable.class);
        }
    }

    @Test
    void aSinkThatThrowsEndsTheRun() {
        OutputSink failing =
                (_, _) -> {
                    throw new IllegalStateException("fenced");
                };
        assertThatThrownBy(
                        () -> sandbox.run(RunBuilder.python("print(1)\nwhile True: pass"), failing))
                .isInstanceOf(IllegalStateException.class);
        sandbox.awaitNoContainerLeft();
    }

    @Test
    void theContainerOfAWorkerThatWentAwayGoesByItself() throws Exception {
        Engine lost = sandbox.engine(sandbox.worker, Clock.systemUTC());
        RunnerContainer container =
                lost.start(RunBuilder.LIMITS, "", Instant.now().plusSeconds(600), new Link.None());
        container.send(
                new RunnerRequest(
                                60_000,
                                List.of(),
                                "",
                                List.of(Step.of(Step.Kind.RUN, List.of("sleep", "60"))),
                                List.of())
                        .encode());
        assertThat(sandbox.containers()).hasSize(1);

        lost.close(); // cuts the connections, as the end of a process does
        sandbox.awaitNoContainerLeft();
    }

    @Test
    void thePlaceWhereTwoMetGoesWithTheLastOfThem() throws Exception {
        Engine lost = sandbox.engine(sandbox.worker, Clock.systemUTC());
        Instant later = Instant.now().plusSeconds(600);
        RunnerContainer judge = lost.start(RunBuilder.LIMITS, "", later, new Link.Offered());
        lost.start(RunBuilder.LIMITS, "", later, new Link.To(judge.id()));
        assertThat(sandbox.places()).hasSize(1);

        lost.close();
        sandbox.awaitNoContainerLeft();
        Awaitility.await().until(() -> sandbox.places().isEmpty());
    }

    @Test
    void theReaperTakesWhatIsPastItsDeadlineAndNothingElse() throws Exception {
        try (Engine other = sandbox.engine("other-" + sandbox.worker, Clock.systemUTC());
                RunnerContainer late =
                        other.start(
                                RunBuilder.LIMITS,
                                "",
                                Instant.now().minusSeconds(1),
                                new Link.None());
                RunnerContainer fine =
                        other.start(
                                RunBuilder.LIMITS,
                                "",
                                Instant.now().plusSeconds(600),
                                new Link.None())) {
            new Reaper(sandbox.engine).reap();

            Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> !late.isThere());
            assertThat(fine.isThere()).isTrue();
        }
    }

    @Test
    void theReaperTakesWhatWasCreatedAndNeverStarted() throws Exception {
        try (Engine dead = sandbox.engine("dead-" + sandbox.worker, Clock.systemUTC());
                Engine reaping =
                        sandbox.engine(
                                sandbox.worker,
                                Clock.offset(Clock.systemUTC(), Duration.ofMinutes(2)))) {
            String left =
                    dead.create(
                                    RunBuilder.LIMITS,
                                    "",
                                    Instant.now().plusSeconds(600),
                                    new Link.None())
                            .id();

            new Reaper(reaping).reap();

            assertThat(sandbox.engine.containers()).noneMatch(each -> each.id().equals(left));
        }
    }
}
