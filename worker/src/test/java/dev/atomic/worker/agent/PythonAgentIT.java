package dev.atomic.worker.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.atomic.shared.job.FailureCode;
import dev.atomic.worker.TestClaims;
import dev.atomic.worker.claim.Claim;
import dev.atomic.worker.claim.StopReason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The client and the agent as they are shipped.
@Timeout(60)
class PythonAgentIT {
    private static final String PROMPT = "Write an LRU cache class in Python with tests";

    @TempDir private Path directory;

    @Test
    void itStreamsManyAnswersAtOnceAndSaysWhatItCost() throws Exception {
        try (AgentProcess _ = AgentProcess.launch(socket(), Map.of());
                AgentClient client = healthy()) {
            try (var threads = Executors.newFixedThreadPool(20)) {
                List<Future<AgentReply>> replies = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    replies.add(
                            threads.submit(() ->
                                    client.generate(
                                            request(PROMPT), TestClaims.claim(), (_, _) -> true)));
                }
                for (Future<AgentReply> reply : replies) {
                    assertThat(reply.get())
                            .isInstanceOfSatisfying(
                                    AgentReply.Completed.class,
                                    done -> {
                                        assertThat(done.text())
                                                .contains("```python main.py", "LRU");
                                        assertThat(done.provider()).isEqualTo("offline");
                                        assertThat(done.usage().outputTokens()).isPositive();
                                    });
                }
            }
            assertThat(
                            client.generate(
                                    request("Prove the Riemann hypothesis"),
                                    TestClaims.claim(),
                                    (_, _) -> true))
                    .isInstanceOfSatisfying(
                            AgentReply.Failed.class,
                            failed -> {
                                assertThat(failed.code()).isEqualTo(FailureCode.NO_MODEL);
                                assertThat(failed.retryable()).isFalse();
                            });
        }
    }

    @Test
    void itStopsWhenItIsToldToAndItsDeathIsNoticed() throws Exception {
        try (AgentProcess agent =
                        AgentProcess.launch(
                                socket(), Map.of("ATOMIC_OFFLINE_CHUNK_DELAY_MS", "50"));
                AgentClient client = healthy()) {
            Claim claim = TestClaims.claim();
            AtomicInteger chunks = new AtomicInteger();
            Future<AgentReply> cancelled =
                    CompletableFuture.supplyAsync(() ->
                            client.generate(
                                    request(PROMPT),
                                    claim,
                                    (_, _) -> chunks.incrementAndGet() > 0));
            await().until(() -> chunks.get() > 1);
            claim.stop(StopReason.CANCELLED);
            assertThat(cancelled.get())
                    .isInstanceOfSatisfying(
                            AgentReply.Stopped.class,
                            stopped -> {
                                assertThat(stopped.spent().provider()).isEqualTo("offline");
                                assertThat(stopped.spent().usage().outputTokens()).isPositive();
                            });
            assertThat(client.isHealthy()).isTrue();

            AtomicInteger before = new AtomicInteger();
            Future<AgentReply> lost =
                    CompletableFuture.supplyAsync(() ->
                            client.generate(
                                    request(PROMPT),
                                    TestClaims.claim(),
                                    (_, _) -> before.incrementAndGet() > 0));
            await().until(() -> before.get() > 1);
            agent.kill();
            assertThat(lost.get())
                    .isInstanceOfSatisfying(
                            AgentReply.Failed.class,
                            failed -> assertThat(failed.code()).isEqualTo(FailureCode.UNAVAILABLE));
            assertThat(client.isHealthy()).isFalse();
            try (AgentProcess _ = AgentProcess.launch(socket(), Map.of())) {
                assertThat(client.generate(request(PROMPT), TestClaims.claim(), (_, _) -> true))
                        .isInstanceOf(AgentReply.Completed.class);
            }
        }
    }

    private AgentClient healthy() {
        AgentClient client =
                new AgentClient(
                        new AgentSettings(
                                socket(),
                                4,
                                Duration.ofMinutes(1),
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(20),
                                Duration.ofSeconds(20),
                                Duration.ofMinutes(1)));
        await().atMost(Duration.ofSeconds(30)).until(client::isHealthy);
        return client;
    }

    private Path socket() {
        return directory.resolve("agent.sock");
    }

    private static AgentRequest request(String prompt) {
        return new AgentRequest(
                "GENERATE_CODE",
                prompt,
                Map.of("original_prompt", prompt, "language", "python", "round", 0),
                null,
                null,
                null);
    }
}
