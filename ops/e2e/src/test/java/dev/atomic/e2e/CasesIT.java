package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Cases through the whole stack: what fails goes back to the model, but for what is hidden.
@Tag("engine")
class CasesIT extends ScriptedModel {
    private static final String CASES =
            "[{\"name\":\"open-name\",\"stdin\":\"open-input 1\\n\",\"stdout\":\"open-expected\"},"
                    + "{\"name\":\"veiled-name\",\"stdin\":\"veiled-input 2\\n\",\"stdout\":\"veiled-expected\",\"hidden\":true}]";
    private static final String WRONG = "print(input(), 'wrong')";
    private static final String RIGHT = "print(input().split('-')[0] + '-expected')";

    @BeforeAll
    static void awaitEngine() {
        Client client = stack.client();
        Stack.await(
                "the engine to be seen",
                Duration.ofSeconds(30),
                () -> client.get("/health").body().path("docker").asString("").equals("available"));
    }

    @Test
    void aFailedCaseGoesToTheModelAndAHiddenOneNever() {
        model.script(prompt ->
                new ModelServer.Answer(
                        "```python main.py\n"
                                + (prompt.contains("did not pass") ? RIGHT : WRONG)
                                + "\n```\n",
                        null,
                        0));
        UUID id =
                client.submit(
                        "{\"prompt\":\"echo\",\"pipeline\":[\"code\",\"verify\",\"docs\"],\"verify\":{\"cases\":"
                                + CASES
                                + "}}");
        JsonNode job = client.awaitEnd(id, Duration.ofSeconds(60));

        assertThat(job.get("status").stringValue()).as(job.toString()).isEqualTo("succeeded");
        assertThat(job.at("/verification/repairs").intValue()).isEqualTo(1);
        assertThat(job.at("/verification/evidence").stringValue()).isEqualTo("observed");
        assertThat(job.at("/verification/score").doubleValue()).isEqualTo(1.0);
        assertThat(model.asked("open-input 1")).isEqualTo(1);
        assertThat(model.asked("open-expected")).isEqualTo(1);
        assertThat(model.asked("1 hidden ones failed")).isEqualTo(1);
        assertThat(model.asked("veiled")).isZero();

        List<JsonNode> told =
                client.events(id).stream()
                        .filter(event -> event.get("type").stringValue().equals("case"))
                        .toList();
        assertThat(told)
                .extracting(event -> event.get("round").intValue())
                .containsExactly(0, 0, 1, 1);
        assertThat(told)
                .extracting(event -> event.get("status").stringValue())
                .containsExactly("failed", "failed", "passed", "passed");
        assertThat(told.getFirst().get("diff").stringValue()).contains("+open-input 1 wrong");
        client.checkLog(id);
    }

    @Test
    void executeTakesThemAndARetryHasThemStill() {
        JsonNode execute =
                client.execute(
                        "{\"language\":\"python\",\"files\":[{\"path\":\"main.py\",\"content\":\""
                                + RIGHT
                                + "\"}],\"verify\":{\"kind\":\"cases\",\"cases\":"
                                + CASES
                                + "}}");
        assertThat(execute.at("/verification/status").stringValue())
                .as(execute.toString())
                .isEqualTo("passed");
        assertThat(execute.at("/verification/cases").size()).isEqualTo(2);
        assertThat(execute.at("/verification/cases/0/stdout").stringValue())
                .isEqualTo("open-expected\n");

        model.script(
                _ -> new ModelServer.Answer("```python main.py\n" + WRONG + "\n```\n", null, 0));
        UUID failed =
                client.submit(
                        "{\"prompt\":\"echo\",\"pipeline\":[\"code\",\"verify\"],\"verify\":{\"cases\":"
                                + CASES
                                + "}}");
        assertThat(client.awaitEnd(failed, Duration.ofSeconds(60)).at("/error/code").stringValue())
                .isEqualTo("verification_failed");
        model.script(
                _ -> new ModelServer.Answer("```python main.py\n" + RIGHT + "\n```\n", null, 0));
        Client.Answer retry = client.post("/api/jobs/" + failed + "/retry", "");
        UUID again = UUID.fromString(retry.body().get("id").stringValue());
        JsonNode ended = client.awaitEnd(again, Duration.ofSeconds(60));
        assertThat(ended.at("/verification/kind").stringValue()).isEqualTo("cases");
        assertThat(ended.get("status").stringValue()).isEqualTo("succeeded");
    }

    @Test
    void aServersWrongAnswerGoesToTheModel() {
        String server =
                """
                from http.server import BaseHTTPRequestHandler, HTTPServer
                class Answers(BaseHTTPRequestHandler):
                    def do_GET(self):
                        self.send_response(200)
                        self.end_headers()
                        self.wfile.write(b'{"answer": %s}')
                HTTPServer(("127.0.0.1", 8000), Answers).serve_forever()
                """;
        model.script(prompt ->
                new ModelServer.Answer(
                        "```python main.py\n"
                                + server.formatted(prompt.contains("did not pass") ? "42" : "41")
                                + "```\n",
                        null,
                        0));
        UUID id =
                client.submit(
                        "{\"prompt\":\"serve\",\"pipeline\":[\"code\",\"verify\"],\"verify\":{\"kind\":\"http\",\"requests\":"
                                + "[{\"method\":\"GET\",\"path\":\"/\",\"expect\":{\"status\":200,\"json\":{\"answer\":42}}}]}}");
        JsonNode job = client.awaitEnd(id, Duration.ofSeconds(60));

        assertThat(job.get("status").stringValue()).as(job.toString()).isEqualTo("succeeded");
        assertThat(job.at("/verification/kind").stringValue()).isEqualTo("http");
        assertThat(job.at("/verification/port").intValue()).isEqualTo(8000);
        assertThat(job.at("/verification/repairs").intValue()).isEqualTo(1);
        assertThat(model.asked("$.answer: expected 42, got 41")).isEqualTo(1);
        client.checkLog(id);
    }

    @Test
    void manyMegabytesOfCasesAreOneJob() {
        StringBuilder cases = new StringBuilder();
        String padding = "x".repeat(4_000);
        for (int i = 0; i < 1_000; i++) {
            cases.append(i == 0 ? "" : ",")
                    .append(
                            "{\"stdin\":\"%d %s\\n\",\"stdout\":\"%d %s\"}"
                                    .formatted(i, padding, i + 1, padding));
        }
        JsonNode job =
                client.execute(
                        "{\"language\":\"bash\",\"files\":[{\"path\":\"main.sh\",\"content\":\"read n t; echo $((n+1)) $t\"}],"
                                + "\"verify\":{\"cases\":["
                                + cases
                                + "]}}");
        JsonNode verification = job.get("verification");
        assertThat(verification.get("status").stringValue()).isEqualTo("passed");
        assertThat(verification.get("cases").size()).isEqualTo(1_000);
        assertThat(job.toString().length()).isBetween(512 << 10, 1 << 20);
        UUID id = UUID.fromString(job.get("id").stringValue());
        assertThat(client.types(id).stream().filter("case"::equals).count()).isEqualTo(1_000);
        client.checkLog(id);
    }

    @Test
    void aScriptThatListensAndThenFailsIsJudgedByItsExitIfAskedTo() {
        String program =
                "import socket\\ns = socket.create_server(('127.0.0.1', 8000))\\nimport time\\ntime.sleep(1)\\nassert False";
        JsonNode execute =
                client.execute(
                        "{\"language\":\"python\",\"files\":[{\"path\":\"main.py\",\"content\":\""
                                + program
                                + "\"}],\"verify\":{\"kind\":\"run\"}}");
        assertThat(execute.at("/verification/status").stringValue()).isEqualTo("failed");
        assertThat(execute.at("/verification/kind").stringValue()).isEqualTo("run");
        assertThat(execute.at("/verification/exit_code").intValue()).isEqualTo(1);
    }
}
