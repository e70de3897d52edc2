package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// The agent and the database go away and come back: jobs wait, and nothing that was acknowledged
/// is lost.
class OutageIT {
    private static Stack stack;

    private final Client client = stack.client();

    @BeforeAll
    static void start() throws IOException {
        stack = Stack.start(1, Map.of());
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void aJobWaitsForAnAgentThatIsDownAndUsesUpNoAttempt() throws IOException {
        stack.kill("agent");
        UUID id =
                client.submit(
                        "{\"prompt\":\"Create a REST API for todo management\",\"pipeline\":[\"code\"]}");
        client.awaitEvent(id, "stage_started", "code", Duration.ofSeconds(20));
        Stack.await(
                "health to say that the agent is away",
                Duration.ofSeconds(15),
                () ->
                        client.get("/health")
                                .body()
                                .path("llm_agent")
                                .asString("")
                                .equals("unreachable"));

        stack.start("agent");

        JsonNode job = client.awaitEnd(id, Duration.ofSeconds(30));
        assertThat(job.get("status").stringValue()).isEqualTo("succeeded");
        assertThat(job.get("attempt").asInt()).isEqualTo(1);
        client.checkLog(id);
    }

    @Test
    void acknowledgedJobsSurviveAKillOfTheDatabaseAndRun() throws IOException {
        List<UUID> accepted = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            accepted.add(client.submit("{\"prompt\":\"nothing\",\"pipeline\":[]}"));
            if (i == 20) {
                stack.kill("db");
                Client.Answer refused =
                        client.post("/api/jobs", "{\"prompt\":\"x\",\"pipeline\":[]}");
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.body().get("code").stringValue()).isEqualTo("unavailable");
                assertThat(refused.raw().headers().firstValue("retry-after")).isPresent();
                assertThat(client.get("/actuator/health/liveness").status()).isEqualTo(200);
                stack.start("db");
                stack.awaitReady("db");
                Stack.await(
                        "the api to be back",
                        Duration.ofSeconds(30),
                        () -> client.get("/api/jobs?limit=1").status() == 200);
            }
        }
        for (UUID id : accepted) {
            assertThat(client.awaitEnd(id, Duration.ofSeconds(60)).get("status").stringValue())
                    .isEqualTo("succeeded");
            client.checkLog(id);
        }
    }
}
