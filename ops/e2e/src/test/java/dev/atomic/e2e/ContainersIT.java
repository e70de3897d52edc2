package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The images and `ops/compose.yaml` as an operator uses them: all in containers, with PostgreSQL,
/// on ports of the test's own.
@Tag("engine")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ContainersIT {
    private static final List<String> OURS = List.of("orchestrator", "worker", "llm-agent");

    private final Map<String, String> environment = new LinkedHashMap<>();
    private final String project = "atomic-" + UUID.randomUUID().toString().substring(0, 8);
    private Client client;

    @BeforeAll
    void up() throws Exception {
        environment.put("ATOMIC_TAG", "test");
        environment.put("ATOMIC_POSTGRES_IMAGE", "atomic-postgres:15");
        environment.put("ATOMIC_DB_PASSWORD", UUID.randomUUID().toString());
        environment.put("ATOMIC_LLM_PROVIDERS", "offline");
        for (String port :
                List.of("ATOMIC_DB_PORT", "ATOMIC_HTTP_PORT", "ATOMIC_WORKER_MANAGEMENT_PORT")) {
            environment.put(port, Integer.toString(Stack.freePort()));
        }
        Path socket = Path.of("/var/run/docker.sock");
        environment.put("DOCKER_GID", Files.getAttribute(socket, "unix:gid").toString());
        client = new Client(URI.create("http://127.0.0.1:" + environment.get("ATOMIC_HTTP_PORT")));
        run("ops/containers/build", "test");
        compose("up", "-d");
        for (String service : OURS) {
            String container = compose("ps", "-q", service).strip();
            Stack.await(
                    service + " to be healthy",
                    Duration.ofSeconds(120),
                    () -> inspect("{{.State.Health.Status}}", container).equals("healthy"));
        }
    }

    @AfterAll
    void down() throws Exception {
        System.out.println(compose("logs", "--no-color", "--tail=20"));
        compose("down", "--volumes", "--timeout", "60");
    }

    @Test
    void aJobIsGeneratedAndRunInTheSandbox() {
        UUID id = client.submit("{\"prompt\":\"Write an LRU cache\"}");
        JsonNode job = client.awaitEnd(id, Duration.ofSeconds(120));
        assertThat(job.get("status").stringValue()).as(job.toString()).isEqualTo("succeeded");
        assertThat(job.get("verification").get("status").stringValue()).isEqualTo("passed");
        client.checkLog(id);
    }

    @Test
    void theGuidesLinesWork() {
        assertThat(client.get("/health").body().get("status").stringValue()).isEqualTo("ok");
        assertThat(client.get("/api/metrics").body().get("total_requests").asInt()).isNotNegative();
    }

    @Test
    void processesAreNobodyAndCanWriteNowhereElse() throws Exception {
        for (String service : OURS) {
            String container = compose("ps", "-q", service).strip();
            assertThat(run("docker", "exec", container, "id", "-u").strip()).isEqualTo("10001");
            assertThat(inspect("{{.HostConfig.ReadonlyRootfs}}", container)).isEqualTo("true");
            assertThat(inspect("{{.HostConfig.CapDrop}}", container)).isEqualTo("[ALL]");
            assertThat(exit("docker", "exec", container, "touch", "/opt/atomic/new")).isNotZero();
            assertThat(exit("docker", "exec", container, "touch", "/tmp/new")).isZero();
        }
    }

    @Test
    void theAgentHasNoDatabasesPasswordAndTheOthersHaveNoProvidersKeys() throws Exception {
        String agent = inspect("{{.Config.Env}}", compose("ps", "-q", "llm-agent").strip());
        assertThat(agent).doesNotContain("ATOMIC_DB");
        for (String service : List.of("orchestrator", "worker")) {
            assertThat(inspect("{{.Config.Env}}", compose("ps", "-q", service).strip()))
                    .doesNotContain("_API_KEY");
        }
    }

    @Test
    void layersThatChangeSeldomComeBeforeThoseThatChangeOften() throws Exception {
        for (String image : List.of("atomic-api:test", "atomic-worker:test")) {
            JsonNode layers =
                    JsonMapper.builder()
                            .build()
                            .readTree(
                                    run(
                                            "docker",
                                            "image",
                                            "inspect",
                                            "--format",
                                            "{{json .RootFS.Layers}}",
                                            image));
            assertThat(layers.size()).as(image).isGreaterThanOrEqualTo(7);
        }
    }

    /// Compose as a plugin of Docker's, or as Debian's package.
    private String compose(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        if (exit("docker", "compose", "version") == 0) {
            command.addAll(List.of("docker", "compose"));
        } else {
            command.add("docker-compose");
        }
        command.addAll(List.of("-p", project, "-f", "ops/compose.yaml"));
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }

    private String inspect(String format, String container) {
        try {
            return run("docker", "inspect", "--format", format, container).strip();
        } catch (IOException e) {
            return e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return e.toString();
        }
    }

    private String run(String... command) throws IOException, InterruptedException {
        Path said = Files.createTempFile("atomic-containers", ".txt");
        Process process = begin(said, command);
        if (!process.waitFor(400, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(
                    String.join(" ", command)
                            + ": "
                            + Files.readString(said)
                            + Files.readString(Path.of(said + ".errors")));
        }
        return Files.readString(said, StandardCharsets.UTF_8);
    }

    private int exit(String... command) throws IOException, InterruptedException {
        return begin(Files.createTempFile("atomic-containers", ".txt"), command).waitFor();
    }

    private Process begin(Path said, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.directory(Stack.repository().toFile());
        builder.environment().keySet().removeIf(key -> key.startsWith("ATOMIC_"));
        builder.environment().putAll(environment);
        builder.redirectInput(Path.of("/dev/null").toFile());
        return builder.redirectOutput(said.toFile())
                .redirectError(Path.of(said + ".errors").toFile())
                .start();
    }
}
