package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// A follow-up: the model is told what was asked before, and what it doesn't give anew stays.
class FollowUpIT extends ScriptedModel {
    @Test
    void anAnswersFileReplacesTheSamePathAndUnnamedFilesStay() {
        model.script(prompt ->
                new ModelServer.Answer(
                        prompt.contains("write complete programs")
                                ? "```python main.py\nimport greet\n```\n\n```python greet.py\nprint('hello')\n```\n"
                                : "THE SPEC",
                        null,
                        0));
        UUID first = client.submit("{\"prompt\":\"say hello\",\"pipeline\":[\"spec\",\"code\"]}");
        JsonNode before = client.awaitEnd(first, Duration.ofSeconds(40));
        assertThat(before.get("status").stringValue()).isEqualTo("succeeded");
        model.script(
                _ -> new ModelServer.Answer("```python greet.py\nprint('ahoy')\n```\n", null, 0));

        UUID second =
                client.submit(
                        "{\"prompt\":\"as a sailor\",\"pipeline\":[\"code\"],\"previous_job_id\":\""
                                + first
                                + "\"}");
        JsonNode after = client.awaitEnd(second, Duration.ofSeconds(40));

        assertThat(after.get("status").stringValue()).as(after.toString()).isEqualTo("succeeded");
        assertThat(after.get("previous_job_id").stringValue()).isEqualTo(first.toString());
        assertThat(after.get("content").stringValue()).isEqualTo("import greet\n");
        assertThat(client.get("/api/jobs/" + second + "/files/greet.py").raw().body())
                .isEqualTo("print('ahoy')\n");
        for (String told : new String[] {"1. say hello", "print('hello')"}) {
            assertThat(model.asked(told)).as(told).isEqualTo(1);
        }
        assertThat(model.asked("THE SPEC")).as("by both code stages").isEqualTo(2);
        assertThat(client.job(first)).as("the old job").isEqualTo(before);
        client.checkLog(second);
    }
}
