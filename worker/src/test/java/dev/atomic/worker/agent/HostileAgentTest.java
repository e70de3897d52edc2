package dev.atomic.worker.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.atomic.shared.Json;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.worker.TestClaims;
import dev.atomic.worker.claim.Claim;
import dev.atomic.worker.claim.StopReason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.newsclub.net.unix.AFUNIXServerSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/// An agent that sends lines cut anywhere, changed, far too long, all at once, or none.
class HostileAgentTest extends AgentClientCase {
    private static final int AT_ONCE = 64;

    /// It dies after any byte of an answer: that is a whole answer on the second try, or a failure
    /// after the first chunk, and never a part of the answer taken for all of it.
    @Test
    void anAnswerCutAnywhereIsNeverTakenForAWholeOne() throws Exception {
        int length = answer("0".repeat(38)).length;
        Map<String, Boolean> seen = new ConcurrentHashMap<>();
        List<AgentReply> replies;
        try (FakeAgent _ =
                agent(
                        false,
                        (peer, id, payload) -> {
                            String cut = payload.get("prompt").asString();
                            byte[] answer = answer(id);
                            if (seen.putIfAbsent(cut, true) == null) {
                                int most = Math.min(Integer.parseInt(cut), answer.length - 1);
                                peer.raw(Arrays.copyOf(answer, most));
                                peer.hangUp();
                            } else {
                                peer.raw(answer);
                            }
                        })) {
            replies = askAll(length);
        }
        int broken = 0;
        for (AgentReply reply : replies) {
            if (reply instanceof AgentReply.Failed failed) {
                broken++;
                assertThat(failed.code()).isEqualTo(FailureCode.UNAVAILABLE);
                assertThat(failed.retryable()).isTrue();
            } else {
                assertThat(((AgentReply.Completed) reply).text()).isEqualTo("first second third");
            }
        }
        assertThat(broken).isBetween(length / 2, length - 50);
    }

    @Test
    void aChangedByteEndsInAnAnswerOrAClassifiedFailure() throws Exception {
        Map<String, Boolean> seen = new ConcurrentHashMap<>();
        try (FakeAgent _ =
                new FakeAgent(
                        socket(),
                        false,
                        (peer, id, payload) -> {
                            String seed = payload.get("prompt").asString();
                            byte[] answer = answer(id);
                            if (!seed.equals("good") && seen.putIfAbsent(seed, true) == null) {
                                Random random = new Random(Long.parseLong(seed));
                                for (int i = 0; i < 3; i++) {
                                    answer[random.nextInt(answer.length)] =
                                            (byte) random.nextInt(256);
                                }
                            }
                            peer.raw(answer);
                        })) {
            client = new AgentClient(settings(2_000, 2_000, 10_000));
            for (AgentReply reply : askAll(300)) {
                assertThat(reply)
                        .isInstanceOfAny(AgentReply.Completed.class, AgentReply.Failed.class);
            }
            AgentReply last = client.generate(request("good"), claim, (_, _) -> true);
            assertThat(((AgentReply.Completed) last).text()).isEqualTo("first second third");
        }
    }

    @Test
    void aLineOf17MebibytesEndsTheConnection() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (FakeAgent agent =
                agent(
                        true,
                        (peer, id, _) -> {
                            if (asked.incrementAndGet() == 1) {
                                peer.raw("x".repeat(17 << 20));
                            } else {
                                peer.end(id, 0, "good");
                            }
                        })) {
            assertThat(((AgentReply.Completed) ask()).text()).isEqualTo("good");
            assertThat(agent.connections.get()).isEqualTo(2);
        }
    }

    @Test
    void halfALineAndThenSilenceIsATimeout() throws Exception {
        try (FakeAgent _ =
                new FakeAgent(
                        socket(),
                        true,
                        (peer, id, _) -> {
                            peer.chunk(id, 0, "a");
                            peer.raw("{\"id\":\"" + id);
                        })) {
            client = new AgentClient(settings(10_000, 300, 10_000));
            assertThat(ask())
                    .isInstanceOfSatisfying(
                            AgentReply.Failed.class,
                            failed -> assertThat(failed.code()).isEqualTo(FailureCode.TIMEOUT));
        }
    }

    @Test
    void anAgentThatNeverSaysAnythingIsNoAgent() throws Exception {
        try (AFUNIXServerSocket listener = AFUNIXServerSocket.newInstance()) {
            listener.bind(AFUNIXSocketAddress.of(socket()));
            client = new AgentClient(settings(60_000, 60_000, 60_000));
            assertThat(client.isHealthy()).isFalse();
            Future<AgentReply> reply =
                    CompletableFuture.supplyAsync(this::ask, AgentClientCase::onPlatformThread);
            claim.stop(StopReason.CANCELLED);
            assertThat(reply.get()).isEqualTo(new AgentReply.Stopped(null));
        }
    }

    @Test
    void anAgentThatHangsUpOnEveryRequestFailsTheAttempt() throws Exception {
        try (FakeAgent agent = agent(true, (peer, _, _) -> peer.hangUp())) {
            assertThat(ask())
                    .isInstanceOfSatisfying(
                            AgentReply.Failed.class,
                            failed -> {
                                assertThat(failed.code()).isEqualTo(FailureCode.UNAVAILABLE);
                                assertThat(failed.message()).contains("hung up 5 times");
                            });
            assertThat(agent.requests).hasValue(5);
        }
    }

    /// Forty mebibytes come at once for one who doesn't take them: they wait with the agent, and
    /// are all there in the end.
    @Test
    void whatComesFasterThanItIsTakenWaitsWithTheAgent() throws Exception {
        int chunks = 40_000;
        String delta = "x".repeat(1_000);
        AtomicLong sent = new AtomicLong();
        CountDownLatch take = new CountDownLatch(1);
        try (FakeAgent _ =
                agent(
                        true,
                        (peer, id, payload) -> {
                            if (payload.get("prompt").asString().equals("flood")) {
                                for (int i = 0; i < chunks; i++) {
                                    peer.chunk(id, i, delta);
                                    sent.addAndGet(delta.length());
                                }
                            }
                            peer.end(id, chunks, "end");
                        })) {
            AtomicLong taken = new AtomicLong();
            Future<AgentReply> flood =
                    CompletableFuture.supplyAsync(
                            () ->
                                    client.generate(
                                            request("flood"),
                                            claim,
                                            (each, _) -> {
                                                taken.addAndGet(each.length());
                                                return take(take);
                                            }),
                            AgentClientCase::onPlatformThread);
            await().until(() -> sent.get() > Backlog.MAX_BYTES / 2);
            awaitStandstill(sent);
            assertThat(sent.get()).isLessThan(Backlog.MAX_BYTES + (2 << 20));
            take.countDown();
            assertThat(flood.get()).isInstanceOf(AgentReply.Completed.class);
            assertThat(taken.get()).isEqualTo(chunks * 1_000L + "end".length());
            assertThat(((AgentReply.Completed) ask()).text()).isEqualTo("end");
        }
    }

    /// What is still sent for a request that was given up takes up no room.
    @Test
    void aFloodForARequestThatIsOverHoldsNobodyUp() throws Exception {
        CountDownLatch flooded = new CountDownLatch(1);
        Claim given = TestClaims.claim();
        try (FakeAgent _ =
                agent(
                        true,
                        (peer, id, payload) -> {
                            if (payload.get("prompt").asString().equals("flood")) {
                                for (int i = 0; i < 20_000; i++) {
                                    peer.chunk(id, i, "x".repeat(1_000));
                                }
                                flooded.countDown();
                            } else {
                                peer.end(id, 0, "good");
                            }
                        })) {
            AgentReply stopped =
                    client.generate(
                            request("flood"),
                            given,
                            (_, _) -> {
                                given.stop(StopReason.CANCELLED);
                                return true;
                            });
            assertThat(stopped).isEqualTo(new AgentReply.Stopped(null));
            flooded.await();
            assertThat(((AgentReply.Completed) ask()).text()).isEqualTo("good");
        }
    }

    private static boolean take(CountDownLatch latch) {
        try {
            latch.await();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Until nothing more was sent for half a second.
    private static void awaitStandstill(AtomicLong sent) {
        AtomicLong before = new AtomicLong(-1);
        await().pollInterval(Duration.ofMillis(500))
                .until(() -> before.getAndSet(sent.get()) == sent.get());
    }

    /// Prompts "0", "1", …, many at once.
    private List<AgentReply> askAll(int many) throws Exception {
        List<AgentReply> replies = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<AgentReply>> all = new ArrayList<>();
            for (int i = 0; i < many; i++) {
                AgentRequest request = request(Integer.toString(i));
                all.add(
                        threads.submit(() ->
                                client.generate(request, TestClaims.claim(), (_, _) -> true)));
            }
            for (Future<AgentReply> one : all) {
                replies.add(one.get());
            }
        }
        return replies;
    }

    private static AgentRequest request(String prompt) {
        return new AgentRequest("GENERATE_CODE", prompt, Map.of(), null, null, null);
    }

    private static byte[] answer(String id) {
        return (chunk(id, "first ", false) + chunk(id, "second ", false) + chunk(id, "third", true))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String chunk(String id, String delta, boolean last) {
        return Json.write(
                        Map.of(
                                "id",
                                id,
                                "type",
                                2,
                                "payload",
                                Map.of("request_id", id, "delta", delta, "is_final", last)))
                + "\n";
    }
}
