package dev.atomic.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.atomic.shared.verify.Evidence;
import dev.atomic.shared.verify.Verification;
import dev.atomic.worker.sandbox.engine.Engine;
import dev.atomic.worker.sandbox.run.OutputSink;
import dev.atomic.worker.sandbox.run.RunBuilder;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// While tests are judged, both containers are looked into from the host: the tests' code is in one
/// alone, the program's in the other alone, in files as in memory.
@Tag("engine")
class JudgeAndSubjectIT {
    private static SandboxUnderTest sandbox;

    @BeforeAll
    static void start() {
        sandbox = new SandboxUnderTest(2);
        sandbox.awaitReady(1);
    }

    @AfterAll
    static void stop() {
        sandbox.close();
    }

    @Test
    void neitherHasAnythingOfTheOther() throws Exception {
        assumeTrue(InsideContainers.canLook(), "not root on the engine's machine");
        Set<String> seen = new HashSet<>();
        // On a busy machine one look may take longer than the tests.
        for (double lasting = 1.5; lasting < 60 && seen.size() < 2; lasting *= 4) {
            lookWhileJudging(lasting, seen);
        }
        assertThat(seen).containsExactlyInAnyOrder("judge has test", "subject has program");
    }

    private static void lookWhileJudging(double seconds, Set<String> seen) throws Exception {
        String test = "test-" + UUID.randomUUID();
        String program = "program-" + UUID.randomUUID();
        RunBuilder run =
                RunBuilder.python(
                                """
                                import time
                                def answer():
                                    "%s"
                                    time.sleep(%s)
                                    return 42
                                """
                                        .formatted(program, seconds))
                        .file(
                                "test_main.py",
                                """
                                import main
                                def test_answer():
                                    "%s"
                                    assert main.answer() == 42
                                """
                                        .formatted(test))
                        .isolated();
        CompletableFuture<Void> judging = new CompletableFuture<>();
        try (ExecutorService background = Executors.newSingleThreadExecutor()) {
            CompletableFuture<Verification> found =
                    CompletableFuture.supplyAsync(
                            () -> sandbox.run(run, tellWhenJudging(judging)).verification(),
                            background);
            CompletableFuture.anyOf(judging, found).join();
            while (!found.isDone()) {
                look(test, program, seen);
            }
            assertThat(found.join().passed()).as("%s", found.join()).isTrue();
            assertThat(found.join().proof().evidence()).isEqualTo(Evidence.ISOLATED);
        }
    }

    @Test
    void whereTheTwoMetTheProgramFindsNothingAndCanLeaveNothing() {
        RunBuilder run =
                RunBuilder.python(
                                """
                                import os
                                import socket
                                import sys

                                PLACE = "/run/atomic"

                                def attempts():
                                    yield lambda: os.listdir(PLACE)
                                    yield lambda: open(PLACE + "/left", "w")
                                    yield lambda: os.mkdir(PLACE + "/left")
                                    yield lambda: os.symlink("/", PLACE + "/link")
                                    yield lambda: os.chmod(PLACE, 0o777)
                                    yield lambda: os.rename(PLACE, "/run/other")
                                    yield lambda: socket.socket(socket.AF_UNIX).bind(PLACE + "/link")
                                    yield lambda: socket.socket(socket.AF_UNIX).connect(PLACE + "/link")

                                def done():
                                    found = []
                                    for number, attempt in enumerate(attempts()):
                                        try:
                                            attempt()
                                            found.append(number)
                                        except OSError:
                                            pass
                                    # Reported tests run in a container without such a place.
                                    there = "pytest" in sys.modules or os.path.isdir(PLACE)
                                    return [there, found]
                                """)
                        .file(
                                "test_main.py",
                                """
                                import main

                                def test_done():
                                    assert main.done() == [True, []]
                                """)
                        .isolated();
        // A machine that is busy may take longer than a trial is given.
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> {
                    Verification found = sandbox.verify(run);
                    assertThat(found.proof().evidence())
                            .as("%s", found)
                            .isEqualTo(Evidence.ISOLATED);
                    assertThat(found.passed()).as("%s", found).isTrue();
                });
    }

    @Test
    void theWorkerCarriesWhatIsSaidWhereTheTwoCantBeConnected() throws Exception {
        // Named, the engine's own runtime is one of which nothing is known.
        try (SandboxUnderTest other =
                new SandboxUnderTest(1, Map.of("ATOMIC_SANDBOX_RUNTIME", "runc"))) {
            // A machine that is busy may take longer than a trial is given.
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .untilAsserted(() ->
                            assertThat(other.verify(added()).proof().evidence())
                                    .isEqualTo(Evidence.ISOLATED));
            assertThat(other.places()).isEmpty();
        }
    }

    private static RunBuilder added() {
        return RunBuilder.python("def add(one, other): return one + other")
                .file(
                        "test_main.py",
                        """
                        from main import add

                        def test_add():
                            for n in range(100):
                                assert add(n, 2) == n + 2
                            assert len(add("a" * 300_000, "b")) == 300_001
                        """);
    }

    @Test
    void aProgramThatEndsWhileItIsAskedEndsTheTrialWhereItIsCarried() throws Exception {
        try (SandboxUnderTest other =
                new SandboxUnderTest(0, Map.of("ATOMIC_SANDBOX_RUNTIME", "runc"))) {
            Verification found =
                    other.verify(
                            RunBuilder.python(
                                            """
                                            import os
                                            import sys

                                            def leave():
                                                if "pytest" not in sys.modules:
                                                    os._exit(0)
                                                return 1
                                            """)
                                    .file(
                                            "test_main.py",
                                            """
                                            import main

                                            def test_leave():
                                                assert main.leave() == 1
                                            """)
                                    .isolated());
            assertThat(found.proof().evidence()).as("%s", found).isEqualTo(Evidence.REPORTED);
            assertThat(found.proof().evidenceReason()).contains("ended before the tests did");
        }
    }

    /// Of the container that the tests were reported from nothing is said: it has both.
    private static void look(String test, String program, Set<String> seen) throws Exception {
        Set<String> ours =
                sandbox.containers().stream().map(Engine.Found::id).collect(Collectors.toSet());
        for (InsideContainers.Inmate each : InsideContainers.all()) {
            String side =
                    each.command().contains("session.py judge ")
                            ? "judge"
                            : each.command().contains("subject.py") ? "subject" : "";
            if (!ours.contains(each.container()) || side.isEmpty()) {
                continue;
            }
            for (InsideContainers.Inmate one : InsideContainers.all()) {
                if (!one.container().equals(each.container())) {
                    continue;
                }
                if (InsideContainers.has(one, test)) {
                    seen.add(side + " has test");
                }
                if (InsideContainers.has(one, program)) {
                    seen.add(side + " has program");
                }
            }
        }
    }

    private static OutputSink tellWhenJudging(CompletableFuture<Void> judging) {
        return new OutputSink() {
            @Override
            public void output(String stream, String text) {}

            @Override
            public void judging() {
                judging.complete(null);
            }
        };
    }
}
