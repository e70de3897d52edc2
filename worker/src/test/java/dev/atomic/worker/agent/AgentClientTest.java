package dev.atomic.worker.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.worker.TestClaims;
import dev.atomic.worker.claim.StopReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgentClientTest extends AgentClientCase {
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
                                    "aé🙂\nz", "m", "p", new Usage(7, 3, null, false)));
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
                                    "12345678", null, null, new Usage(3, 2, null, true)));
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
                                    FailureCode.RATE_LIMITED,
                                    "429",
                                    true,
                                    Duration.ofSeconds(20),
                                    null));
        }
    }

    @Test
    void whatTheModelThinksIsToldApartAndNoPartOfTheAnswer() throws Exception {
        try (FakeAgent agent =
                agent(
                        true,
                        (peer, id, _) -> {
                            peer.thought(id, "what is asked?");
                            peer.thought(id, " a sum");
                            peer.chunk(id, 2, "a + b");
                            peer.end(id, 3, "");
                        })) {
            assertThat(ask())
                    .isInstanceOfSatisfying(
                            AgentReply.Completed.class,
                            done -> assertThat(done.text()).isEqualTo("a + b"));
            assertThat(deltas).containsExactly("(what is asked?)", "( a sum)", "a + b");
        }
    }

    @Test
    void whatABrokenOffAnswerCostIsTold() throws Exception {
        try (FakeAgent agent =
                agent(
                        true,
                        (peer, id, _) -> {
                            peer.chunk(id, 0, "half");
                            peer.error(
                                    id,
                                    Map.of(
                                            "code",
                                            "unavailable",
                                            "message",
                                            "cut off",
                                            "retryable",
                                            true,
                                            "model",
                                            "m",
                                            "provider",
                                            "p",
                                            "input_tokens",
                                            7,
                                            "output_tokens",
                                            3,
                                            "estimated",
                                            true,
                                            "cost_usd",
                                            0.5));
                        })) {
            assertThat(ask())
                    .isEqualTo(
                            new AgentReply.Failed(
                                    FailureCode.UNAVAILABLE,
                                    "cut off",
                                    true,
                                    null,
                                    new AgentReply.Spent("m", "p", new Usage(7, 3, 0.5, true))));
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
                                    Map.of(
                                            "code",
                                            "cancelled",
                                            "input_tokens",
                                            7,
                                            "output_tokens",
                                            3,
                                            "cost_usd",
                                            0.5,
                                            "model",
                                            "m",
                                            "provider",
                                            "p"));
                        })) {
            Future<AgentReply> reply =
                    CompletableFuture.supplyAsync(this::ask, AgentClientCase::onPlatformThread);
            await().until(() -> deltas.size() == 1);
            claim.stop(StopReason.CANCELLED);
            await().until(() -> agent.cancelled.size() == 1);
            end.countDown();
            assertThat(reply.get())
                    .isEqualTo(
                            new AgentReply.Stopped(
                                    new AgentReply.Spent("m", "p", new Usage(7, 3, 0.5, false))));
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
            Future<AgentReply> reply =
                    CompletableFuture.supplyAsync(this::ask, AgentClientCase::onPlatformThread);
            await().until(() -> !deltas.isEmpty());
            claim.stop(StopReason.CANCELLED);
            assertThat(reply.get()).isEqualTo(new AgentReply.Stopped(null));
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
                                () -> client.generate(REQUEST, TestClaims.claim(), (_, _) -> true),
                                AgentClientCase::onPlatformThread));
            }
            await().until(() -> agent.running.get() == 4);
            Future<AgentReply> fifth =
                    CompletableFuture.supplyAsync(this::ask, AgentClientCase::onPlatformThread);
            claim.stop(StopReason.CANCELLED);
            assertThat(fifth.get()).isEqualTo(new AgentReply.Stopped(null));
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
            AgentReply reply = client.generate(REQUEST, claim, (_, _) -> false);
            assertThat(reply)
                    .isInstanceOfSatisfying(
                            AgentReply.Failed.class,
                            failed -> assertThat(failed.retryable()).isFalse());
            await().until(() -> agent.cancelled.size() == 1);
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
    void aLongLineIsRead() throws Exception {
        String text = "é".repeat(4_000_000);
        try (FakeAgent _ = agent(true, (peer, id, _) -> peer.end(id, 0, text))) {
            assertThat(((AgentReply.Completed) ask()).text()).isEqualTo(text);
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
                        threads.submit(() ->
                                client.generate(request, TestClaims.claim(), (_, _) -> true)));
            }
            for (int i = 0; i < many; i++) {
                texts.put(i, ((AgentReply.Completed) replies.get(i).get()).text());
            }
        }
        return texts;
    }
}
