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
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// The way out of H2, and out of a backup of either database: what was there is there to the byte,
/// and what waited runs.
@Tag("engine")
class MovedDatabaseIT {
    private static final String KEY = "moved-once";
    private static final String WAITING =
            "{\"prompt\":\"Write a CLI calculator\",\"pipeline\":[\"code\"]}";

    private final Map<String, String> environment = new LinkedHashMap<>();
    private Path home;
    private Path said;
    private Client client;
    private Postgres postgres;

    @BeforeEach
    void prepare() throws Exception {
        postgres = new Postgres();
        home = Files.createTempDirectory("atomic-moved");
        said = home.resolve("said.txt");
        String port = Integer.toString(Stack.freePort());
        environment.put("ATOMIC_LLM_PROVIDERS", "offline");
        environment.put("ATOMIC_HOME", home.toString());
        environment.put("ATOMIC_HTTP_PORT", port);
        environment.put("ATOMIC_H2_PORT", Integer.toString(Stack.freePort()));
        environment.put("ATOMIC_IPC_SOCKET", home.resolve("agent.sock").toString());
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        client = new Client(URI.create("http://127.0.0.1:" + port));
    }

    @AfterEach
    void down() throws Exception {
        atomic(0, "down");
        postgres.close();
    }

    @Test
    void everythingIsThereAfterTheMoveAndAfterEachRestore() throws Exception {
        atomic(0, "up", "--workers", "1");
        UUID done =
                client.submit(
                        "{\"prompt\":\"Create a REST API for todo management\",\"pipeline\":[\"spec\",\"code\",\"docs\"]}",
                        "Idempotency-Key",
                        KEY);
        assertThat(client.awaitEnd(done, Duration.ofSeconds(60)).get("status").stringValue())
                .isEqualTo("succeeded");
        atomic(0, "stop", "worker-1");
        UUID waiting = client.submit(WAITING);
        List<String> before = seen(done);
        String to = postgres.settings().get("ATOMIC_DB_URL");

        Map<String, String> onH2 = new LinkedHashMap<>(environment);
        environment.putAll(postgres.settings());
        environment.remove("ATOMIC_DB_URL");
        atomic(1, "db", "copy", "--to", to);
        assertThat(said).content().contains("the stack is up");
        atomic(0, "down");
        atomic(0, "db", "copy", "--to", to);
        assertThat(said).content().contains("counts and checksums agree");
        assertThat(said).content().doesNotContain(environment.get("ATOMIC_DB_PASSWORD"));
        atomic(1, "db", "copy", "--to", to);
        assertThat(said).content().contains("the target isn't empty");

        environment.put("ATOMIC_DB_URL", to);
        atomic(0, "up", "--workers", "1");
        assertThat(seen(done)).isEqualTo(before);
        assertThat(client.awaitEnd(waiting, Duration.ofSeconds(60)).get("status").stringValue())
                .isEqualTo("succeeded");
        client.checkLog(waiting);
        Client.Answer again =
                client.post(
                        "/api/jobs",
                        "{\"prompt\":\"Create a REST API for todo management\",\"pipeline\":[\"spec\",\"code\",\"docs\"]}",
                        "Idempotency-Key",
                        KEY);
        assertThat(again.body().get("id").stringValue()).isEqualTo(done.toString());
        List<String> ofTheOther = seen(waiting);

        atomic(0, "down");
        environment.put("ATOMIC_DB_URL", postgres.restoredFromDump("restored"));
        atomic(0, "up", "--workers", "1");
        assertThat(seen(done)).isEqualTo(before);
        assertThat(seen(waiting)).isEqualTo(ofTheOther);
        atomic(0, "down");

        // What was left behind on H2 is whole, and is so when it is brought back from a backup.
        environment.clear();
        environment.putAll(onH2);
        restoredFromCopy();
        atomic(0, "up", "--workers", "1");
        assertThat(seen(done)).isEqualTo(before);
        assertThat(client.awaitEnd(waiting, Duration.ofSeconds(60)).get("status").stringValue())
                .isEqualTo("succeeded");
    }

    /// As the pages say: the data and the two passwords, while the stack is down.
    private void restoredFromCopy() throws IOException {
        Path other = Files.createTempDirectory("atomic-restored");
        Files.createDirectories(other.resolve("run"));
        Files.createDirectories(other.resolve("data"));
        for (String each : List.of("data/atomic.mv.db", "run/db.password", "run/db.admin")) {
            Files.copy(home.resolve(each), other.resolve(each));
        }
        environment.put("ATOMIC_HOME", other.toString());
    }

    /// All that a client can see of a finished job, as it comes over the wire.
    private List<String> seen(UUID id) {
        List<String> seen = new ArrayList<>();
        seen.add(client.get("/api/jobs/" + id).raw().body());
        seen.add(client.get("/api/jobs/" + id + "/events?limit=1000").raw().body());
        JsonNode files = client.get("/api/jobs/" + id + "/files").body().get("files");
        for (JsonNode file : files) {
            seen.add(client.get(file.get("url").stringValue()).raw().body());
        }
        assertThat(seen).hasSizeGreaterThan(2);
        return seen;
    }

    private void atomic(int code, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Stack.repository().resolve("ops/atomic").toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(key -> key.startsWith("ATOMIC_"));
        builder.environment().putAll(environment);
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.redirectErrorStream(true).redirectOutput(said.toFile());
        Process process = builder.start();
        assertThat(process.waitFor(180, TimeUnit.SECONDS)).as(Files.readString(said)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(said)).isEqualTo(code);
    }
}
