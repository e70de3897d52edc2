package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// `ops/atomic down` with jobs in hand, and `up` again: they go on where they were. And `up` beside
/// processes that die.
class DownIT {
    private static final String CODE = "Here it is.\n\n```python main.py\nprint('hello')\n```\n";

    private final Map<String, String> environment = new LinkedHashMap<>();
    private Path said;
    private ModelServer model;
    private Client client;

    @BeforeEach
    void up() throws Exception {
        model = new ModelServer();
        Path home = Files.createTempDirectory("atomic-down");
        said = home.resolve("said.txt");
        String port = Integer.toString(Stack.freePort());
        environment.putAll(model.settings());
        environment.put("ATOMIC_HOME", home.toString());
        environment.put("ATOMIC_HTTP_PORT", port);
        environment.put("ATOMIC_H2_PORT", Integer.toString(Stack.freePort()));
        environment.put("ATOMIC_IPC_SOCKET", home.resolve("agent.sock").toString());
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        client = new Client(URI.create("http://127.0.0.1:" + port));
        atomic("up", "--workers", "1");
    }

    @AfterEach
    void down() throws Exception {
        atomic("down");
        model.close();
    }

    @Test
    void jobsInHandGoBackAndGoOnAfterTheNextUp() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        model.script(_ -> new ModelServer.Answer(CODE, hold, 0));
        List<UUID> held = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            held.add(client.submit("{\"prompt\":\"held\",\"pipeline\":[\"code\"]}"));
        }
        for (UUID id : held) {
            client.awaitEvent(id, "chunk", "code", Duration.ofSeconds(30));
        }
        long began = System.nanoTime();
        atomic("down");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(60));
        hold.countDown();
        atomic("up", "--workers", "1");
        for (UUID id : held) {
            JsonNode job = client.awaitEnd(id, Duration.ofSeconds(60));
            assertThat(job.get("status").stringValue()).as(job.toString()).isEqualTo("succeeded");
            assertThat(job.get("attempt").asInt()).isEqualTo(1);
            assertThat(client.events(id))
                    .filteredOn(event -> event.get("type").stringValue().equals("retrying"))
                    .extracting(event -> event.get("reason").stringValue())
                    .containsExactly("worker_stopped");
            client.checkLog(id);
        }
    }

    @Test
    void upGoesOnWhenTheDatabaseDiesBesideAWorkerThatWasJustEnding() throws Exception {
        for (int round = 0; round < 3; round++) {
            ProcessHandle ending = process("worker-1").orElseThrow();
            ProcessHandle database = process("db").orElseThrow();
            ending.destroy();
            Process up = begin("up", "--workers", "1");
            Stack.await(
                    "another worker",
                    Duration.ofSeconds(60),
                    () -> process("worker-1").filter(each -> !each.equals(ending)).isPresent());
            database.destroyForcibly();
            end(up);
            assertThat(process("worker-1")).isPresent();
            assertThat(process("db")).isPresent().get().isNotEqualTo(database);
        }
        UUID id = client.submit("{\"prompt\":\"after it all\",\"pipeline\":[]}");
        assertThat(client.awaitEnd(id, Duration.ofSeconds(60)).get("status").stringValue())
                .isEqualTo("succeeded");
    }

    private Optional<ProcessHandle> process(String name) {
        Path file = Path.of(environment.get("ATOMIC_HOME"), "run", name + ".pid");
        try {
            return ProcessHandle.of(Long.parseLong(Files.readString(file).strip()));
        } catch (IOException e) {
            return Optional.empty(); // just between two of them
        }
    }

    private void atomic(String... arguments) throws IOException, InterruptedException {
        end(begin(arguments));
    }

    private Process begin(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Stack.repository().resolve("ops/atomic").toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(key -> key.startsWith("ATOMIC_"));
        builder.environment().putAll(environment);
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.redirectErrorStream(true).redirectOutput(said.toFile());
        return builder.start();
    }

    private void end(Process process) throws IOException, InterruptedException {
        assertThat(process.waitFor(180, TimeUnit.SECONDS)).as(Files.readString(said)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(said)).isZero();
    }
}
