package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A worker of 256 MiB that has claimed as many jobs as it may, each with as much input as a job
/// may have and as much to give back, runs them one after the other, or as many as fit.
@Tag("engine")
class LargeInputsIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int JOBS = 10;
    private static final int MIB = 1 << 20;

    /// Seven of them and the program are just under 8 MiB.
    private static final int LARGE_FILES = 7;

    private static final int ARGS = 16;
    private static final int ARG_CHARS = 3_500;

    /// As much again is left. 168 when every job in hand held its files.
    private static final int MAX_MB = 150;

    /// One is asked at a time, and takes most of this. 236 when all ten were.
    private static final int MAX_PROMPTS_MB = 200;

    private static final String PROGRAM =
            """
            import os, sys
            sizes = sum(os.path.getsize(name) for name in os.listdir(".") if name.startswith("large"))
            print(sizes, len(sys.stdin.read()), sum(map(len, sys.argv[1:])))
            """;

    private static Stack stack;

    private final Client client = stack.client();

    @BeforeAll
    static void start() throws IOException {
        stack = Stack.start(null, 1, 0, Map.of("ATOMIC_MAX_CONCURRENT", Integer.toString(JOBS)));
    }

    @AfterAll
    static void stop() {
        if (stack != null) {
            stack.close();
        }
    }

    @Test
    void tenLargestJobsAtOnceAllEndWithTheirVerdict() throws IOException {
        List<UUID> ids = new ArrayList<>();
        for (int i = 0; i < JOBS; i++) {
            Client.Answer answer =
                    client.post("/api/execute", largest(i), "Prefer", "respond-async");
            assertThat(answer.status()).as("%s", answer.body()).isEqualTo(202);
            ids.add(UUID.fromString(answer.body().get("id").stringValue()));
        }

        Path collections = stack.home().resolve("logs").resolve("worker-1.gc");
        stack.set("worker-1", "JAVA_TOOL_OPTIONS", "-Xlog:gc:file=" + collections);
        stack.start("worker-1");
        stack.awaitReady("worker-1");
        for (UUID id : ids) {
            JsonNode job = client.awaitEnd(id, Duration.ofSeconds(240));
            JsonNode verification = job.get("verification");
            assertThat(verification.path("status").asString("")).as("%s", job).isEqualTo("passed");
            assertThat(verification.get("stdout").stringValue())
                    .isEqualTo("%d %d %d\n".formatted(LARGE_FILES * MIB, MIB, ARGS * ARG_CHARS));
            for (JsonNode file : job.get("files")) {
                assertThat(file.get("origin").stringValue()).as("%s", file).isEqualTo("input");
            }
        }

        int mostMb = mostMbAfterCollection(collections);
        System.out.println(
                "most heap in use after a collection, with "
                        + JOBS
                        + " largest jobs at once: "
                        + mostMb
                        + " MB of 256");
        assertThat(mostMb).isLessThan(MAX_MB);
        assertThat(stack.isAlive("worker-1")).isTrue();
        assertThat(stack.hasLogged("worker-1", "OutOfMemoryError")).isFalse();
        stack.kill("worker-1");
    }

    /// The largest prompts there are: a follow-up's files go to the model whole.
    @Test
    void tenLargestPromptsAtOnceAllGetTheirAnswer() throws IOException {
        Path collections = stack.home().resolve("logs").resolve("worker-2.gc");
        stack.set("worker-2", "JAVA_TOOL_OPTIONS", "-Xlog:gc:file=" + collections);
        List<UUID> ids = new ArrayList<>();
        for (int i = 0; i < JOBS; i++) {
            Client.Answer answer = client.post("/api/jobs", largestPrompt(i));
            assertThat(answer.status()).as("%s", answer.body()).isEqualTo(202);
            ids.add(UUID.fromString(answer.body().get("id").stringValue()));
        }
        stack.start("worker-2");
        stack.awaitReady("worker-2");
        for (UUID id : ids) {
            JsonNode job = client.awaitEnd(id, Duration.ofSeconds(240));
            assertThat(job.path("status").asString(""))
                    .as("%s", job.get("error"))
                    .isEqualTo("succeeded");
        }
        int mostMb = mostMbAfterCollection(collections);
        System.out.println(
                "most heap in use after a collection, with "
                        + JOBS
                        + " largest prompts at once: "
                        + mostMb
                        + " MB of 256");
        assertThat(mostMb).isLessThan(MAX_PROMPTS_MB);
        assertThat(stack.isAlive("worker-2")).isTrue();
        assertThat(stack.hasLogged("worker-2", "OutOfMemoryError")).isFalse();
        stack.kill("worker-2");
    }

    private static String largestPrompt(int job) {
        ObjectNode body =
                JSON.createObjectNode().put("prompt", "Create a REST API for todo management");
        body.putArray("pipeline").add("code");
        ArrayNode files = body.putArray("files");
        for (int i = 0; i < LARGE_FILES; i++) {
            String name = "p" + job + "." + i;
            files.addObject()
                    .put("path", "large" + i)
                    .put("content", name + "x".repeat(MIB - name.length()));
        }
        return body.toString();
    }

    private static int mostMbAfterCollection(Path log) throws IOException {
        Matcher heap = Pattern.compile("\\d+M->(\\d+)M\\(").matcher(Files.readString(log));
        int most = 0;
        while (heap.find()) {
            most = Math.max(most, Integer.parseInt(heap.group(1)));
        }
        assertThat(most).as("what the JVM says of its collections was understood").isPositive();
        return most;
    }

    private static String largest(int job) {
        ObjectNode body = JSON.createObjectNode().put("language", "python");
        ArrayNode files = body.putArray("files");
        files.addObject().put("path", "main.py").put("content", PROGRAM);
        for (int i = 0; i < LARGE_FILES; i++) {
            // Contents of its own for each, or the database would keep one for all.
            String name = job + "." + i;
            files.addObject()
                    .put("path", "large" + i)
                    .put("content", name + "x".repeat(MIB - name.length()));
        }
        ArrayNode args = body.putArray("args");
        for (int i = 0; i < ARGS; i++) {
            args.add("a".repeat(ARG_CHARS));
        }
        body.put("stdin", "i".repeat(MIB));
        body.putArray("collect").add("large*");
        return body.toString();
    }
}
