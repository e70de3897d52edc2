package dev.atomic.worker.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.atomic.shared.Json;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.worker.TestClaims;
import dev.atomic.worker.claim.Claim;
import dev.atomic.worker.claim.StopReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.newsclub.net.unix.AFUNIXServerSocket;
import org.newsclub.net.unix.AFUNIXSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/// An agent that is slow, silent, gone, or says what nobody may say.
class AgentLossTest extends AgentClientCase {
    @Test
    void aLineThatIsNoAnswerEndsTheConnectionAndTheRequestIsAskedAgain() throws Exception {
        List<Future<?>> all = new ArrayList<>();
        for (String line :
                List.of(
                        "garbage\n",
                        "{\"id\":\"never-asked\",\"type\":2,\"timestamp\":0,\"payload\":{}}\n",
                        "{\"id\":\"\",\"type\":3,\"payload\":{\"code\":\"invalid_request\"}}\n",
                        "[]\n",
                        "\n")) {
            Path socket = directory.resolve("agent-" + all.size());
            all.add(
                    CompletableFuture.runAsync(
                            () -> assertAskedAgainAfter(line, socket),
                            AgentClientCase::onPlatformThread));
        }
        for (Future<?> one : all) {
            one.get();
        }
    }

    private void assertAskedAgainAfter(String line, Path socket) {
        AtomicInteger asked = new AtomicInteger();
        try (AgentClient own = new AgentClient(settings(socket, 30_000, 30_000, 60_000));
                FakeAgent agent =
                        new FakeAgent(
                                socket,
                                true,
                                (peer, id, _) -> {
                                    if (asked.incrementAndGet() == 1) {
                                        peer.raw(line);
                                    } else {
                                        peer.end(id, 0, "good");
                                    }
                                })) {
            AgentReply reply = own.generate(REQUEST, TestClaims.claim(), (_, _) -> true);
            assertThat(((AgentReply.Completed) reply).text()).as(line).isEqualTo("good");
            assertThat(agent.requests).hasValue(2);
            assertThat(agent.connections.get()).isGreaterThanOrEqualTo(2);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
                                assertThat(failed.code()).isEqualTo(FailureCode.UNAVAILABLE);
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
        Future<AgentReply> reply =
                CompletableFuture.supplyAsync(this::ask, AgentClientCase::onPlatformThread);
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
                            assertThat(failed.code()).isEqualTo(FailureCode.AGENT_UNREACHABLE);
                            assertThat(failed.retryable()).isFalse();
                        });
        client = new AgentClient(settings(1, 1, 1));
        Future<AgentReply> reply =
                CompletableFuture.supplyAsync(this::ask, AgentClientCase::onPlatformThread);
        claim.stop(StopReason.SHUTDOWN);
        assertThat(reply.get()).isEqualTo(new AgentReply.Stopped(null));
    }

    /// It is connected to and answers its first health check, then nothing any more; a request this
    /// large doesn't fit into the kernel's buffer.
    @Test
    void anAgentThatStopsReadingKeepsNobodyWaitingBeyondItsDeadline() throws Exception {
        AgentRequest large =
                new AgentRequest("GENERATE_CODE", "x".repeat(8 << 20), Map.of(), null, null, null);
        client = new AgentClient(settings(60_000, 60_000, 60_000));
        try (HungAgent agent = new HungAgent(socket())) {
            List<Future<AgentReply>> replies = new ArrayList<>();
            List<Claim> claims = List.of(TestClaims.claim(), TestClaims.claim(), claim);
            for (Claim each : claims) {
                replies.add(
                        CompletableFuture.supplyAsync(
                                () -> client.generate(large, each, (_, _) -> true),
                                AgentClientCase::onPlatformThread));
            }
            await().until(agent::hasSomethingUnread);
            long began = System.nanoTime();
            claims.forEach(each -> each.stop(StopReason.CANCELLED));
            for (Future<AgentReply> reply : replies) {
                assertThat(reply.get()).isEqualTo(new AgentReply.Stopped(null));
            }
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .as("a cancel takes 2 s at most")
                    .isLessThan(Duration.ofSeconds(2));
            int before = agent.connections();
            assertThat(client.isHealthy()).isFalse();
            // The health check that went unanswered gave the connection up.
            Future<AgentReply> next =
                    CompletableFuture.supplyAsync(
                            () -> client.generate(large, TestClaims.claim(), (_, _) -> true),
                            AgentClientCase::onPlatformThread);
            await().until(() -> agent.connections() > before);
            assertThat(next).isNotDone();
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
                                assertThat(failed.code()).isEqualTo(FailureCode.TIMEOUT);
                                assertThat(failed.retryable()).isTrue();
                                assertThat(failed.message()).contains(says);
                            });
            await().until(() -> agent.cancelled.size() == 1);
        }
    }

    /// Answers the first line of each connection, a health check, and reads no further.
    private static final class HungAgent implements AutoCloseable {
        private final AFUNIXServerSocket listener = AFUNIXServerSocket.newInstance();
        private final List<AFUNIXSocket> sockets = new CopyOnWriteArrayList<>();

        HungAgent(Path socket) throws IOException {
            listener.bind(AFUNIXSocketAddress.of(socket));
            Thread.ofPlatform().daemon().start(this::accept);
        }

        private void accept() {
            try {
                while (true) {
                    AFUNIXSocket socket = listener.accept();
                    StringBuilder line = new StringBuilder();
                    for (int next = 0; next != '\n'; line.append((char) next)) {
                        next = socket.getInputStream().read();
                    }
                    String id = Json.STORED.readTree(line.toString()).get("id").asString();
                    new FakeAgent.Peer(socket)
                            .send(id, 5, Map.of("status", "healthy", "multiplex", true));
                    sockets.add(socket);
                }
            } catch (IOException closed) {
                // the test is over
            }
        }

        boolean hasSomethingUnread() {
            return sockets.stream()
                    .anyMatch(socket -> {
                        try {
                            return socket.getInputStream().available() > 0;
                        } catch (IOException closed) {
                            return false;
                        }
                    });
        }

        int connections() {
            return sockets.size();
        }

        @Override
        public void close() throws IOException {
            listener.close();
            for (AFUNIXSocket socket : sockets) {
                socket.close();
            }
        }
    }
}
