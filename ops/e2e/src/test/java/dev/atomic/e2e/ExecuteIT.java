package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Problems in HumanEval's form (a prompt, a solution, a function that checks it), ours: what
/// solves them passes, what doesn't never does.
@Tag("engine")
class ExecuteIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static Stack stack;

    private final Client client = stack.client();

    @BeforeAll
    static void start() throws IOException {
        stack = Stack.start(1, Map.of());
        Client client = stack.client();
        Stack.await(
                "the engine to be seen",
                Duration.ofSeconds(30),
                () -> client.get("/health").body().path("docker").asString("").equals("available"));
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void everySolvedProblemPasses() throws IOException {
        for (JsonNode problem : problems()) {
            JsonNode verification =
                    verify(problem, problem.get("canonical_solution").stringValue());
            assertThat(verification.get("status").stringValue())
                    .as("%s", verification)
                    .isEqualTo("passed");
        }
    }

    @Test
    void noProblemPassesWithAnEmptyBody() throws IOException {
        for (JsonNode problem : problems()) {
            JsonNode verification = verify(problem, "    pass\n");
            assertThat(verification.get("status").stringValue())
                    .as("%s", verification)
                    .isEqualTo("failed");
        }
    }

    @Test
    void whatComesBackAsItWasGivenStaysAnInputAndWhatStaysBehindIsNamed() throws IOException {
        ObjectNode request = JSON.createObjectNode().put("language", "python");
        request.putArray("files")
                .addObject()
                .put("path", "main.py")
                .put(
                        "content",
                        """
                        import os
                        open("changed.txt", "a").write(" more")
                        open("new.txt", "w").write(open("same.txt").read())
                        open("same.txt", "w").write("given")
                        open("huge.bin", "wb").truncate(2 << 20)
                        os.symlink("/etc/passwd", "link")
                        os.makedirs("shut")
                        os.chmod("shut", 0)
                        """);
        for (String path : List.of("same.txt", "changed.txt")) {
            ((ArrayNode) request.get("files"))
                    .addObject()
                    .put("path", path)
                    .put("content", "given");
        }
        request.putArray("collect").add("**");
        JsonNode job = client.post("/api/execute", request.toString()).body();

        Map<String, String> origins = new HashMap<>();
        client.get("/api/jobs/" + job.get("id").stringValue() + "/files")
                .body()
                .get("files")
                .forEach(file ->
                        origins.put(
                                file.get("path").stringValue(), file.get("origin").stringValue()));
        assertThat(origins)
                .isEqualTo(
                        Map.of(
                                "main.py", "input",
                                "same.txt", "input",
                                "changed.txt", "run",
                                "new.txt", "run"));
        assertThat(job.get("verification").get("stderr").stringValue())
                .contains("not given back: huge.bin: too_large\n")
                .contains("not given back: link: link\n")
                .contains("not given back: shut/: unreadable\n");
    }

    private JsonNode verify(JsonNode problem, String body) {
        String program =
                problem.get("prompt").stringValue()
                        + body
                        + "\n"
                        + problem.get("test").stringValue()
                        + "\ncheck("
                        + problem.get("entry_point").stringValue()
                        + ")\n";
        ObjectNode request = JSON.createObjectNode().put("language", "python");
        request.putArray("files").addObject().put("path", "main.py").put("content", program);
        Client.Answer answer = client.post("/api/execute", request.toString());
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().get("kind").stringValue()).isEqualTo("execute");
        assertThat(answer.body().get("status").stringValue()).isEqualTo("succeeded");
        return answer.body().get("verification");
    }

    private static List<JsonNode> problems() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(ExecuteIT.class.getResourceAsStream("/problems.jsonl"))) {
            List<JsonNode> problems = new ArrayList<>();
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .forEach(line -> problems.add(JSON.readTree(line)));
            assertThat(problems).hasSize(10);
            return problems;
        }
    }
}
