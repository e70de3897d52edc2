package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Webhooks as their receiver has them, checked by the published library of Standard Webhooks.
@Timeout(300)
class WebhookIT {

    @TempDir static Path directory;

    private static Stack stack;
    private static Process receiver;
    private static String origin;

    @BeforeAll
    static void start() throws Exception {
        NodeFolder.fill(directory, "webhooks", List.of("receive.mjs"));
        int port = Stack.freePort();
        origin = "http://127.0.0.1:" + port;
        stack = Stack.start(1, Map.of("ATOMIC_WEBHOOK_ALLOW", origin));
        String secret =
                stack.client().get("/api/webhooks/secret").body().get("secret").stringValue();
        assertThat(stack.client().get("/api/webhooks/secret").body().get("secret").stringValue())
                .isEqualTo(secret)
                .startsWith("whsec_");
        receiver =
                new ProcessBuilder("node", "receive.mjs", secret, Integer.toString(port))
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("heard").toFile())
                        .start();
        Stack.await("the receiver", Duration.ofSeconds(20), () -> heard().startsWith("ready"));
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (receiver != null) {
            receiver.destroy();
            receiver.waitFor(10, TimeUnit.SECONDS);
        }
        if (stack != null) {
            stack.close();
        }
    }

    @Test
    void aJobsEndIsToldAgainUntilTheReceiverTakesItAndTheJobShowsIt() throws Exception {
        Client client = stack.client();
        UUID job =
                client.submit(
                        "{\"prompt\":\"p\",\"pipeline\":[],\"webhook\":{\"url\":\"%s/a?b=c\"}}"
                                .formatted(origin));
        Stack.await(
                "the webhook to be delivered",
                Duration.ofSeconds(60),
                () -> webhook(job).get("status").stringValue().equals("delivered"));
        assertThat(webhook(job).get("attempts").intValue()).isEqualTo(2);
        assertThat(webhook(job).get("outcome").stringValue()).isEqualTo("answered 204");
        assertThat(webhook(job).get("next_attempt_at").isNull()).isTrue();
        List<String> lines = heard().lines().filter(line -> line.contains(job.toString())).toList();
        assertThat(lines).hasSize(2);
        for (String line : lines) {
            JsonNode said = JsonMapper.shared().readTree(line);
            assertThat(said.get("payload").toString())
                    .isEqualTo("{\"id\":\"%s\",\"status\":\"succeeded\"}".formatted(job));
            assertThat(said.get("path").stringValue()).isEqualTo("/a?b=c");
            assertThat(said.get("id").stringValue())
                    .isEqualTo("msg_" + job.toString().replace("-", ""));
            assertThat(said.get("refusesOthers").booleanValue()).isTrue();
            assertThat(said.get("tampered").booleanValue()).isTrue();
        }
        JsonNode listed = client.get("/api/jobs?limit=1").body().get("jobs").get(0);
        assertThat(listed.get("webhook").get("status").stringValue()).isEqualTo("delivered");
    }

    @Test
    void anAddressOfThisNetworkIsRefusedAndAJobWithoutAWebhookHasNone() {
        Client client = stack.client();
        Client.Answer refused =
                client.post(
                        "/api/jobs",
                        "{\"prompt\":\"p\",\"webhook\":{\"url\":\"https://192.168.0.1/\"}}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body().get("errors").get(0).get("field").stringValue())
                .isEqualTo("webhook.url");
        UUID job = client.submit("{\"prompt\":\"p\",\"pipeline\":[]}");
        assertThat(webhook(job).isNull()).isTrue();
    }

    private static JsonNode webhook(UUID job) {
        return stack.client().get("/api/jobs/" + job).body().get("webhook");
    }

    private static String heard() {
        try {
            return Files.readString(directory.resolve("heard"));
        } catch (IOException e) {
            return "";
        }
    }
}
