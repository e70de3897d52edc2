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
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A job that failed or was cancelled goes on as a new one, and what it had done isn't paid again.
class RetriedJobIT extends ScriptedModel {
    @Test
    void aJobCancelledInItsCodeStageGoesOnBehindItsSpec() {
        model.script(prompt ->
                prompt.contains("write complete programs")
                        ? new ModelServer.Answer(CODE, hold, 0)
                        : new ModelServer.Answer("words words", null, 0));
        UUID old = submit("cancelled", "spec", "code", "docs");
        client.awaitEvent(old, "chunk", "code", Duration.ofSeconds(30));
        assertThat(client.post("/api/jobs/" + old + "/cancel", "").status()).isEqualTo(202);
        JsonNode before = client.awaitEnd(old, Duration.ofSeconds(20));
        assertThat(before.get("status").stringValue()).isEqualTo("cancelled");
        hold.countDown();

        UUID made = retry(old);
        JsonNode job = client.awaitEnd(made, Duration.ofSeconds(40));

        assertThat(job.get("status").stringValue()).isEqualTo("succeeded");
        assertThat(job.get("retry_of").stringValue()).isEqualTo(old.toString());
        assertThat(job.get("content").stringValue()).contains("print('hello')");
        assertThat(job.get("spec")).isEqualTo(before.get("spec"));
        assertThat(model.asked("cancelled")).as("spec once, code twice, docs once").isEqualTo(4);
        assertThat(started(made)).containsExactly("code", "docs");
        assertThat(job.at("/usage/input_tokens").asInt()).as("code and docs").isEqualTo(20);
        assertThat(client.job(old)).as("the old job").isEqualTo(before);
        client.checkLog(made);
    }

    @Test
    void aJobWhoseProviderFailedGoesOnWithTheFilesItHad() throws IOException {
        model.script(prompt ->
                prompt.contains("write documentation")
                        ? new ModelServer.Answer("", null, 401)
                        : new ModelServer.Answer(CODE, null, 0));
        UUID old = submit("refused", "spec", "code", "docs");
        JsonNode before = client.awaitEnd(old, Duration.ofSeconds(40));
        assertThat(before.at("/error/code").stringValue()).isEqualTo("auth");
        long asked = model.asked("refused");
        // The key is mended. (The agent lets a provider that refused it rest for a while.)
        model.script(_ -> new ModelServer.Answer("# Docs", null, 0));
        stack.stop("agent");
        restart("agent");

        UUID made = retry(old);
        JsonNode job = client.awaitEnd(made, Duration.ofSeconds(60));

        assertThat(job.get("status").stringValue()).as(job.toString()).isEqualTo("succeeded");
        assertThat(job.get("docs").stringValue()).isEqualTo("# Docs");
        assertThat(job.get("content")).isEqualTo(before.get("content"));
        assertThat(started(made)).containsExactly("docs");
        assertThat(model.asked("refused")).isEqualTo(asked + 1);
        JsonNode again = client.post("/api/jobs/" + made + "/retry", "").body();
        assertThat(again.get("code").stringValue()).isEqualTo("not_retryable");
    }

    @Test
    void theCommandFollowsTheNewJob() throws Exception {
        model.script(prompt ->
                prompt.contains("write complete programs")
                        ? new ModelServer.Answer("I'd rather not.", null, 0)
                        : new ModelServer.Answer("words words", null, 0));
        UUID old = submit("by command", "spec", "code");
        assertThat(client.awaitEnd(old, Duration.ofSeconds(40)).at("/error/code").stringValue())
                .isEqualTo("no_code");
        model.script(_ -> new ModelServer.Answer(CODE, null, 0));

        Path out = Files.createTempFile("atomic", ".out");
        Path err = Files.createTempFile("atomic", ".err");
        ProcessBuilder builder =
                new ProcessBuilder(
                        Stack.repository().resolve("ops/atomic").toString(),
                        "retry",
                        "--json",
                        old.toString());
        builder.environment().putAll(stack.environment());
        builder.redirectOutput(out.toFile()).redirectError(err.toFile());
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();

        assertThat(process.exitValue()).as(Files.readString(err)).isZero();
        assertThat(Files.readString(err)).contains("taken over: spec");
        JsonNode job = JsonMapper.builder().build().readTree(Files.readString(out));
        assertThat(job.get("status").stringValue()).isEqualTo("succeeded");
        assertThat(job.get("retry_of").stringValue()).isEqualTo(old.toString());
        assertThat(model.asked("by command"))
                .as("spec once; code, its form, and code again")
                .isEqualTo(4);
    }

    private UUID submit(String name, String... pipeline) {
        return client.submit(
                JsonMapper.builder()
                        .build()
                        .writeValueAsString(
                                Map.of("prompt", "say hello " + name, "pipeline", pipeline)));
    }

    private UUID retry(UUID old) {
        Client.Answer answer = client.post("/api/jobs/" + old + "/retry", "");
        assertThat(answer.status()).as(answer.raw().body()).isEqualTo(202);
        return UUID.fromString(answer.body().get("id").stringValue());
    }

    private List<String> started(UUID id) {
        return client.events(id).stream()
                .filter(event -> event.get("type").stringValue().equals("stage_started"))
                .map(event -> event.get("stage").stringValue())
                .toList();
    }
}
