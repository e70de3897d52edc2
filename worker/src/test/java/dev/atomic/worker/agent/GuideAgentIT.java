package dev.atomic.worker.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.atomic.shared.job.FailureCode;
import dev.atomic.worker.TestClaims;
import dev.atomic.worker.claim.StopReason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The integration guide's kind of server, in a process of its own.
class GuideAgentIT extends AgentClientCase {
    private Process agent;

    @BeforeEach
    void start() throws Exception {
        String script = Path.of(getClass().getResource("/guide_agent.py").toURI()).toString();
        agent =
                new ProcessBuilder("python3", script, socket().toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        client = new AgentClient(settings(30_000, 30_000, 60_000));
        await().atMost(Duration.ofSeconds(30)).until(client::isHealthy);
    }

    @AfterEach
    void stop() {
        agent.destroyForcibly().onExit().join();
    }

    @Test
    void itServesManyJobsOnAFewConnections() throws Exception {
        assertThat(client.health().multiplex()).isFalse();
        List<Future<AgentReply>> replies = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            AgentRequest request = request("answer é🙂 number " + i);
            replies.add(
                    CompletableFuture.supplyAsync(
                            () -> client.generate(request, TestClaims.claim(), (_, _) -> true),
                            AgentClientCase::onPlatformThread));
        }
        for (int i = 0; i < 40; i++) {
            AgentReply.Completed done = (AgentReply.Completed) replies.get(i).get();
            assertThat(done.text()).isEqualTo("answer é🙂 number " + i);
            assertThat(done.usage().estimated()).isTrue();
            assertThat(done.usage().costUsd()).isNull();
        }
    }

    @Test
    void aCancelEndsItsConnectionAndTheNextRequestHasAnother() {
        AgentReply stopped =
                client.generate(
                        request("word ".repeat(3_000)),
                        claim,
                        (_, _) -> {
                            claim.stop(StopReason.CANCELLED);
                            return true;
                        });
        assertThat(stopped).isEqualTo(new AgentReply.Stopped(null));
        AgentReply next =
                client.generate(request("still there"), TestClaims.claim(), (_, _) -> true);
        assertThat(((AgentReply.Completed) next).text()).isEqualTo("still there");
    }

    /// It takes no more than 64 KiB a line and hangs up on what is longer.
    @Test
    void aRequestThatIsTooLongForItFailsWithItsLength() {
        AgentReply reply = client.generate(request("x".repeat(100_000)), claim, (_, _) -> true);
        assertThat(reply)
                .isInstanceOfSatisfying(
                        AgentReply.Failed.class,
                        failed -> {
                            assertThat(failed.code()).isEqualTo(FailureCode.UNAVAILABLE);
                            assertThat(failed.message()).contains("hung up", "97 KiB");
                        });
        AgentReply next = client.generate(request("short"), TestClaims.claim(), (_, _) -> true);
        assertThat(((AgentReply.Completed) next).text()).isEqualTo("short");
    }

    private static AgentRequest request(String prompt) {
        return new AgentRequest("GENERATE_CODE", prompt, Map.of(), null, null, null);
    }
}
