package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The main job from a terminal, from Node and from curl's place: a prompt becomes code that has
/// been run.
@Tag("engine")
class CommandIT {
    private static Stack stack;

    @BeforeAll
    static void start() throws IOException {
        stack = Stack.start(1, Map.of());
    }

    @AfterAll
    static void stop() {
        if (stack != null) {
            stack.close();
        }
    }

    private record Run(int exit, String out, String err) {}

    @Test
    void generateEndsWithVerifiedCodeAndExitCode0() throws Exception {
        Run run = atomic("generate", "--json", "Create a REST API for todo management");
        assertThat(run.exit()).as(run.err()).isZero();
        JsonNode job = JsonMapper.builder().build().readTree(run.out());
        assertThat(job.at("/verification/status").stringValue()).isEqualTo("passed");
        assertThat(job.at("/verification/kind").stringValue()).isEqualTo("tests");
        assertThat(job.at("/verification/tests/run").asInt()).isPositive();
    }

    @Test
    void aPromptTheOfflineProviderDoesNotKnowFailsWithExitCode1AndTheMend() throws Exception {
        Run run = atomic("generate", "Prove the Riemann hypothesis in Prolog");
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.err()).contains("no_model").contains("OPENAI_API_KEY");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void executeRunsCodeAlone() throws Exception {
        Path file = Files.createTempDirectory("atomic-exec").resolve("main.py");
        Files.writeString(file, "print(6 * 7)\n");
        Run run = atomic("exec", "--lang", "python", file.toString());
        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.out()).contains("42");
        Files.writeString(file, "raise SystemExit(3)\n");
        assertThat(atomic("exec", "--lang", "python", file.toString()).exit()).isEqualTo(1);
    }

    @Test
    void casesInAFolderAreComparedAndShownAsTheyEnd() throws Exception {
        Path folder = Files.createTempDirectory("atomic-cases");
        Path program = folder.resolve("main.py");
        Files.writeString(program, "print(sum(map(int, input().split())))\n");
        Path cases = Files.createDirectory(folder.resolve("cases"));
        Files.writeString(cases.resolve("small.in"), "1 2\n");
        Files.writeString(cases.resolve("small.out"), "3\n");
        String[] asked = {
            "exec", "--lang", "python", program.toString(), "--cases", cases.toString()
        };
        Run passed = atomic(asked);
        assertThat(passed.exit()).as(passed.err()).isZero();
        assertThat(passed.err())
                .containsPattern("✔ small +\\d+ ms")
                .contains("✔ 1 of 1 case passed (observed)");

        Files.writeString(cases.resolve("wrong.in"), "1 2\n");
        Files.writeString(cases.resolve("wrong.out"), "4\n");
        Run failed = atomic(asked);
        assertThat(failed.exit()).as(failed.err()).isEqualTo(1);
        assertThat(failed.err())
                .containsPattern("✘ wrong +\\d+ ms +differs\n(.*\n)* +-4\n +\\+3\n")
                .contains("✘ only 1 of 2 cases passed");
    }

    @Test
    void theGuidesClientsWorkWordForWordUnderNode() throws Exception {
        String base = stack.environment().get("ATOMIC_URL");
        Run rest = node("guide-rest.mjs", base);
        assertThat(rest.exit()).as(rest.err()).isZero();
        assertThat(rest.out()).contains("def ");
        Run socket = node("guide-websocket.mjs", base);
        assertThat(socket.exit()).as(socket.err()).isZero();
        assertThat(socket.out()).contains("Received chunk:").contains("complete: succeeded");
    }

    /// The guide's clients say localhost:8080; nothing else of them is changed.
    private static Run node(String script, String base) throws Exception {
        String source =
                new String(
                        CommandIT.class.getResourceAsStream("/" + script).readAllBytes(),
                        StandardCharsets.UTF_8);
        String port = base.substring(base.lastIndexOf(':') + 1);
        Path file = Files.createTempDirectory("atomic-node").resolve(script);
        Files.writeString(file, source.replace("localhost:8080", "localhost:" + port));
        return run(List.of("node", "--experimental-websocket", file.toString()));
    }

    private static Run atomic(String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Stack.repository().resolve("ops/atomic").toString());
        command.addAll(List.of(arguments));
        return run(command);
    }

    private static Run run(List<String> command) throws Exception {
        Path out = Files.createTempFile("atomic", ".out");
        Path err = Files.createTempFile("atomic", ".err");
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(stack.environment());
        builder.redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.redirectInput(Path.of("/dev/null").toFile());
        Process process = builder.start();
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("took longer than 120 s: " + command);
        }
        return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
    }
}
