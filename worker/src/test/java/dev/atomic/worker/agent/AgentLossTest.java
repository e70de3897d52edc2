package dev.atomic.worker.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.atomic.worker.TestClaims;
import dev.atomic.worker.claim.StopReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

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
            AgentReply reply = own.generate(REQUEST, TestClaims.claim(), _ -> true);
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
                            assertThat(failed.code()).isEqualTo("agent_unreachable");
                            assertThat(failed.retryable()).isFalse();
                        });
        client = new AgentClient(settings(1, 1, 1));
        Future<AgentReply> reply =
                CompletableFuture.supplyAsync(this::ask, AgentClientCase::onPlatformThread);
        claim.stop(StopReason.SHUTDOWN);
        assertThat(reply.get()).isEqualTo(new AgentReply.Stopped());
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
}
