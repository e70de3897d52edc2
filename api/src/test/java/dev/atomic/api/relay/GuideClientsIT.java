package dev.atomic.api.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.Origin;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.ListedJobs;
import dev.atomic.shared.job.ListedJobs.Listed;
import dev.atomic.shared.job.StageName;
import java.io.BufferedReader;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The integration guide's JavaScript clients, word for word but for the port, under Node.
@Timeout(60)
class GuideClientsIT extends LiveApi {
    @TempDir Path directory;

    private final ListedJobs jobs = api.bean(ListedJobs.class);

    @Test
    void theWebSocketClientIsGivenChunksContentAndErrors() throws Exception {
        // The page the guide has in mind has an updateUI; the client never ends by itself.
        String around =
                """
                function updateUI(content) { console.log('UI:', content); }
                setInterval(() => {}, 1000);
                """;
        Process node = node(around + guide("websocket-client.js"));
        try (BufferedReader output = node.inputReader()) {
            UUID id = waitingJob("Build a real-time chat application");
            worker.claim(id);
            worker.append(id, WorkerAtHand.chunks(0, "import ", "socket"));
            worker.fail(
                    id, new Failure(FailureCode.NO_CODE, "Nothing came.", StageName.CODE, false));
            assertThat(output.readLine()).isEqualTo("Received chunk: import ");
            assertThat(output.readLine()).isEqualTo("UI: import ");
            assertThat(output.readLine()).isEqualTo("Received chunk: socket");
            assertThat(output.readLine()).isEqualTo("UI: import socket");
            assertThat(output.readLine()).isEqualTo("Error: Nothing came.");
        } finally {
            node.destroy();
        }
    }

    @Test
    void theRestClientIsGivenTheCode() throws Exception {
        Process node = node(guide("rest-client.js"));
        try (BufferedReader output = node.inputReader()) {
            UUID id = waitingJob("Create a REST API for todo management");
            worker.claim(id);
            api.bean(FileStore.class)
                    .put(
                            "default",
                            id,
                            FileStore.Role.WORKSPACE,
                            SourceFile.of("main.py", "print('todo')"),
                            Origin.MODEL);
            worker.succeed(id);
            assertThat(output.readLine()).isEqualTo("print('todo')");
            assertThat(node.waitFor()).isZero();
            assertThat(worker.job(id).asked().input().framework()).isEqualTo("flask");
        } finally {
            node.destroy();
        }
    }

    private UUID waitingJob(String prompt) {
        return await()
                .until(
                        () -> {
                            List<Listed> listed =
                                    jobs.list("default", JobState.QUEUED, null, null, 100);
                            return jobs.read(listed.stream().map(Listed::id).toList());
                        },
                        waiting ->
                                waiting.stream()
                                        .anyMatch(
                                                job -> job.asked().input().prompt().equals(prompt)))
                .stream()
                .filter(job -> job.asked().input().prompt().equals(prompt))
                .findFirst()
                .orElseThrow()
                .id();
    }

    private Process node(String program) throws Exception {
        Path file = Files.writeString(directory.resolve("client.mjs"), program);
        return new ProcessBuilder(
                        "node", "--experimental-websocket", "--no-warnings", file.toString())
                .redirectErrorStream(true)
                .start();
    }

    private String guide(String name) throws Exception {
        try (InputStream in = getClass().getResourceAsStream("/guide/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("localhost:8080", "localhost:" + port);
        }
    }
}
