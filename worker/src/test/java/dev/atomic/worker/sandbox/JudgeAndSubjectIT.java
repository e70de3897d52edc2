package dev.atomic.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.atomic.shared.verify.Evidence;
import dev.atomic.shared.verify.Verification;
import dev.atomic.worker.sandbox.engine.Engine;
import dev.atomic.worker.sandbox.run.OutputSink;
import dev.atomic.worker.sandbox.run.RunBuilder;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
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
        String test = "test-" + UUID.randomUUID();
        String program = "program-" + UUID.randomUUID();
        RunBuilder run =
                RunBuilder.python(
                                """
                                import time
                                def answer():
                                    "%s"
                                    time.sleep(1.5)
                                    return 42
                                """
                                        .formatted(program))
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
        Set<String> seen = new HashSet<>();
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
        assertThat(seen).containsExactlyInAnyOrder("judge has test", "subject has program");
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
