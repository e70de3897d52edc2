package dev.atomic.worker.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.atomic.shared.job.Usage;
import dev.atomic.worker.TestClaims;
import dev.atomic.worker.claim.Claim;
import dev.atomic.worker.claim.StopReason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AgentClientTest {
    private static final AgentRequest REQUEST =
            new AgentRequest(
                    "GENERATE_CODE", "Write it.", Map.of("language", "python"), null, null, null);

    @TempDir private Path directory;

    private final Claim claim = TestClaims.claim();
    private final List<String> deltas = new CopyOnWriteArrayList<>();
    private AgentClient client;

    @AfterEach
    void close() {
        client.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAnswerIsStreamedAndWhole(boolean multiplex) throws Exception {
        try (FakeAgent _ =
                agent(
                        multiplex,
                        (peer, id, _) -> {
                            peer.chunk(id, 0, "a");
                            peer.chunk(id, 1, "");
                            peer.chunk(id, 2, "é🙂\n");
                            peer.end(id, 3, "z");
                        })) {
            assertThat(ask())
                    .isEqualTo(
                            new AgentReply.Completed(
                                    "aé🙂\nz", "m", "p", new Usage(7, 3, 0, false)));
            assertThat(deltas).containsExactly("a", "é🙂\n", "z");
        }
    }

    @Test
    void aLoneResponseIsAcceptedAndTokensNobodyCountedAreEstimated() throws Exception {
        try (FakeAgent _ =
                agent(false, (peer, id, _) -> peer.send(id, 1, Map.of("content", "12345678")))) {
            assertThat(ask())
                    .isEqualTo(
                            new AgentReply.Completed(
                                    "12345678", null, null, new Usage(3, 2, 0, true)));
            assertThat(deltas).containsExactly("12345678");
        }
    }

    @Test
    void anErrorComesWithItsDelay() throws Exception {
        try (FakeAgent _ =
                agent(
                        true,
                        (peer, id, _) ->
                                peer.error(
                                        id,
                                        Map.of(
                                                "code",
                                                "rate_limited",
                                                "message",
                                                "429",
                                                "retryable",
                                                true,
                                                "retry_after_ms",
                                                20_000)))) {
            assertThat(ask())
                    .isEqualTo(
                            new AgentReply.Failed(
                                    "rate_limited", "429", true, Duration.ofSeconds(20)));
        }
    }

    @Test
    void manyRequestsShareOneConnectionWhereTheAgentSaysSo() throws Exception {
        CountDownLatch all = new CountDownLatch(50);
        try (FakeAgent agent =
                agent(
                        true,
                        (peer, id, payload) -> {
                            all.countDown();
                            all.await();
                            String[] words = payload.get("prompt").asString().split(" ");
                            for (int i = 0; i < words.length; i++) {
                                peer.chunk(id, i, words[i]);
                            }
                            peer.end(id, words.length, "!");
                        })) {
            assertThat(askMany(50))
                    .allSatisfy((number, text) -> assertThat(text).isEqualTo("job" + number + "!"));
            assertThat(agent.mostRunning).hasValue(50);
            assertThat(agent.connections.get()).isLessThanOrEqualTo(4);
        }
    }

    @Test
    void aSimpleAgentGetsOneRequestAtATimeOnAFewConnections() throws Exception {
        try (FakeAgent agent =
                agent(
                        false,
                        (peer, id, payload) -> {
                            peer.chunk(id, 0, payload.get("prompt").asString().replace(" ", ""));
                            peer.end(id, 1, "!");
                        })) {
            assertThat(askMany(40))
                    .allSatisfy((number, text) -> assertThat(text).isEqualTo("job" + number + "!"));
            assertThat(agent.mostRunning.get()).isLessThanOrEqualTo(4);
            assertThat(agent.connections.get()).isLessThanOrEqualTo(4);
            assertThat(agent.requests).hasValue(40);
        }
    }

    @Test
    void aCancelReachesAnAgentThatKnowsIt() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (FakeAgent agent =
                agent(
                        true,
                        (peer, id, _) -> {
                            peer.chunk(id, 0, "a");
                            end.await();
                            peer.error(
                                    id,
                                    Map.of("code", "cancelled", "message", "", "retryable", false));
                        })) {
            Future<AgentReply> reply = CompletableFuture.supplyAsync(this::ask);
            await().until(() -> deltas.size() == 1);
            claim.stop(StopReason.CANCELLED);
            await().until(() -> agent.cancelled.size() == 1);
            end.countDown();
            assertThat(reply.get()).isEqualTo(new AgentReply.Stopped());
            assertThat(client.isHealthy()).isTrue();
        }
    }

    @Test
    void anAgentThatDoesNotKnowCancelLosesTheConnection() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (FakeAgent agent =
                agent(
                        false,
                        (peer, id, _) -> {
                            try {
                                for (int i = 0; ; i++) {
                                    peer.chunk(id, i, "a");
                                    over.await(10, TimeUnit.MILLISECONDS);
                                }
                            } finally {
                                over.countDown();
                            }
                        })) {
            Future<AgentReply> reply = CompletableFuture.supplyAsync(this::ask);
            await().until(() -> !deltas.isEmpty());
            claim.stop(StopReason.CANCELLED);
            assertThat(reply.get()).isEqualTo(new AgentReply.Stopped());
            over.await();
            assertThat(agent.cancelled).isEmpty();
        }
    }

    @Test
    void whoWaitsForAFreeConnectionCanBeCancelled() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (FakeAgent agent =
                agent(
                        false,
                        (peer, id, _) -> {
                            end.await();
                            peer.end(id, 0, "x");
                        })) {
            List<Future<AgentReply>> busy = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                busy.add(
                        CompletableFuture.supplyAsync(
                                () -> client.generate(REQUEST, TestClaims.claim(), _ -> true),
                                Thread::startVirtualThread));
            }
            await().until(() -> agent.running.get() == 4);
            Future<AgentReply> fifth =
                    CompletableFuture.supplyAsync(this::ask, Thread::startVirtualThread);
            claim.stop(StopReason.CANCELLED);
            assertThat(fifth.get()).isEqualTo(new AgentReply.Stopped());
            end.countDown();
            for (Future<AgentReply> one : busy) {
                assertThat(one.get()).isInstanceOf(AgentReply.Completed.class);
            }
            assertThat(agent.requests).hasValue(4);
        }
    }

    @Test
    void anAnswerTheCallerHasEnoughOfIsBrokenOff() throws Exception {
        try (FakeAgent agent = agent(true, (peer, id, _) -> peer.chunk(id, 0, "too much"))) {
            AgentReply reply = client.generate(REQUEST, claim, _ -> false);
            assertThat(reply)
                    .isInstanceOfSatisfying(
                            AgentReply.Failed.class,
                            failed -> assertThat(failed.retryable()).isFalse());
            await().until(() -> agent.cancelled.size() == 1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "garbage\n",
                "{\"id\":\"never-asked\",\"type\":2,\"timestamp\":0,\"payload\":{}}\n",
                "{\"id\":\"\",\"type\":3,\"timestamp\":0,\"payload\":{\"code\":\"invalid_request\"}}\n",
                "[]\n",
                "\n"
            })
    void aLineThatIsNoAnswerEndsTheConnectionAndTheRequestIsAskedAgain(String line)
            throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (FakeAgent agent =
                agent(
                        true,
                        (peer, id, _) -> {
                            if (asked.incrementAndGet() == 1) {
                                peer.raw(line);
                            } else {
                                peer.end(id, 0, "good");
                            }
                        })) {
            assertThat(((AgentReply.Completed) ask()).text()).isEqualTo("good");
            assertThat(agent.requests).hasValue(2);
            assertThat(agent.connections.get()).isGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void aLateLineForARequestThatIsOverIsDropped() throws Exception {
        try (FakeAgent agent =
                agent(
                        true,
                        (peer, id, _) -> {
                            peer.end(id, 0, "x");
                            peer.chunk(id, 1, "late");
                        })) {
            for (int i = 0; i < 5; i++) {
                assertThat(ask()).isInstanceOf(AgentReply.Completed.class);
            }
            assertThat(agent.connections).hasValue(1);
        }
    }

    @Test
    void aConnectionLostAfterTheFirstChunkIsARetryableFailure() throws Exception {
        try (FakeAgent agent =
                agent(
                        true,
                        (peer, id, _) -> {
                            peer.chunk(id, 0, "half");
                            peer.hangUp();
                        })) {
            assertThat(ask())
                    .isInstanceOfSatisfying(
                            AgentReply.Failed.class,
                            failed -> {
                                assertThat(failed.code()).isEqualTo("unavailable");
                                assertThat(failed.retryable()).isTrue();
                            });
            assertThat(agent.requests).hasValue(1);
        }
    }

    @Test
    void noFirstChunkInTimeIsATimeout() throws Exception {
        assertTimeout(settings(300, 60_000, 60_000), (_, _, _) -> {}, "no answer within");
    }

    @Test
    void aPauseThatIsTooLongIsATimeout() throws Exception {
        assertTimeout(
                settings(60_000, 300, 60_000),
                (peer, id, _) -> peer.chunk(id, 0, "a"),
                "broke off");
    }

    @Test
    void anAnswerThatGoesOnForTooLongIsATimeout() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        assertTimeout(
                settings(60_000, 60_000, 500),
                (peer, id, _) -> {
                    for (int i = 0; ; i++) {
                        peer.chunk(id, i, "a");
                        never.await(20, TimeUnit.MILLISECONDS);
                    }
                },
                "broke off");
    }

    @Test
    void anAgentThatIsAwayIsWaitedForAndThenAsked() throws Exception {
        client = new AgentClient(settings(60_000, 60_000, 60_000));
        assertThat(client.isHealthy()).isFalse();
        Future<AgentReply> reply = CompletableFuture.supplyAsync(this::ask);
        try (FakeAgent agent =
                new FakeAgent(socket(), true, (peer, id, _) -> peer.end(id, 0, "there"))) {
            assertThat(((AgentReply.Completed) reply.get()).text()).isEqualTo("there");
            assertThat(client.isHealthy()).isTrue();
            assertThat(agent.requests).hasValue(1);
        }
        await().until(() -> !client.isHealthy());
    }

    @Test
    void anAgentThatNeverComesIsUnreachableAndWaitingForItEndsWithACancel() throws Exception {
        client =
                new AgentClient(
                        new AgentSettings(
                                socket(),
                                4,
                                Duration.ofMillis(10),
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(5)));
        assertThat(ask())
                .isInstanceOfSatisfying(
                        AgentReply.Failed.class,
                        failed -> {
                            assertThat(failed.code()).isEqualTo("agent_unreachable");
                            assertThat(failed.retryable()).isFalse();
                        });
        client = new AgentClient(settings(1, 1, 1));
        Future<AgentReply> reply = CompletableFuture.supplyAsync(this::ask);
        claim.stop(StopReason.SHUTDOWN);
        assertThat(reply.get()).isEqualTo(new AgentReply.Stopped());
    }

    @Test
    void aLongLineIsRead() throws Exception {
        String text = "é".repeat(4_000_000);
        try (FakeAgent _ = agent(true, (peer, id, _) -> peer.end(id, 0, text))) {
            assertThat(((AgentReply.Completed) ask()).text()).isEqualTo(text);
        }
    }

    private void assertTimeout(AgentSettings settings, FakeAgent.Script script, String says)
            throws Exception {
        client = new AgentClient(settings);
        try (FakeAgent agent = new FakeAgent(socket(), true, script)) {
            assertThat(ask())
                    .isInstanceOfSatisfying(
                            AgentReply.Failed.class,
                            failed -> {
                                assertThat(failed.code()).isEqualTo("timeout");
                                assertThat(failed.retryable()).isTrue();
                                assertThat(failed.message()).contains(says);
                            });
            await().until(() -> agent.cancelled.size() == 1);
        }
    }

    private Map<Integer, String> askMany(int many) throws Exception {
        Map<Integer, String> texts = new HashMap<>();
        try (var threads = Executors.newFixedThreadPool(many)) {
            List<Future<AgentReply>> replies = new ArrayList<>();
            for (int i = 0; i < many; i++) {
                AgentRequest request =
                        new AgentRequest("GENERATE_CODE", "job " + i, Map.of(), null, null, null);
                replies.add(
                        threads.submit(
                                () -> client.generate(request, TestClaims.claim(), _ -> true)));
            }
            for (int i = 0; i < many; i++) {
                texts.put(i, ((AgentReply.Completed) replies.get(i).get()).text());
            }
        }
        return texts;
    }

    private AgentReply ask() {
        return client.generate(
                REQUEST,
                claim,
                delta -> {
                    deltas.add(delta);
                    return true;
                });
    }

    private FakeAgent agent(boolean multiplex, FakeAgent.Script script) throws Exception {
        client = new AgentClient(settings(30_000, 30_000, 60_000));
        return new FakeAgent(socket(), multiplex, script);
    }

    private Path socket() {
        return directory.resolve("agent.sock");
    }

    private AgentSettings settings(long firstChunkMs, long idleMs, long totalMs) {
        return new AgentSettings(
                socket(),
                4,
                Duration.ofMinutes(1),
                Duration.ofSeconds(5),
                Duration.ofMillis(firstChunkMs),
                Duration.ofMillis(idleMs),
                Duration.ofMillis(totalMs));
    }
}
