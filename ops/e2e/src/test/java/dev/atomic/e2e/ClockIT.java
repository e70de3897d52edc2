package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Processes whose clocks are minutes apart: liveness, retries and deadlines are the database's, so
/// nobody is taken for lost, tried too early or ended too soon. The clocks are those of real
/// processes, bent by `libfaketime` (Debian's `faketime`).
class ClockIT {
    private static final String CODE = "Here it is.\n\n```python main.py\nprint('hello')\n```\n";

    private static ModelServer model;
    private static Stack stack;

    @BeforeAll
    static void start() throws IOException {
        Optional<Path> library = library();
        assertThat(library)
                .as("libfaketime; ops/atomic test installs it: apt-get install faketime")
                .isPresent();
        model = new ModelServer();
        stack = Stack.prepare(null, model.settings());
        bend("api", library.get(), "-7m");
        bend("worker-1", library.get(), "+11m");
        bend("worker-2", library.get(), "-13m");
        stack.startAll(List.of("agent", "api", "worker-1", "worker-2"));
    }

    private static Optional<Path> library() throws IOException {
        try (Stream<Path> folders = Files.list(Path.of("/usr/lib"))) {
            return folders.map(folder -> folder.resolve("faketime/libfaketimeMT.so.1"))
                    .filter(Files::exists)
                    .findFirst();
        }
    }

    private static void bend(String name, Path library, String offset) {
        stack.set(name, "LD_PRELOAD", library.toString());
        stack.set(name, "FAKETIME", offset);
    }

    @AfterAll
    static void stop() {
        if (stack != null) {
            stack.close();
            model.close();
        }
    }

    private final Client client = stack == null ? null : stack.client();

    @Test
    void theClocksAreBent() {
        JsonNode job = client.job(client.submit("{\"prompt\":\"nothing\",\"pipeline\":[]}"));
        assertThat(
                        Duration.between(
                                Instant.parse(job.get("created_at").stringValue()), Instant.now()))
                .isBetween(Duration.ofMinutes(6), Duration.ofMinutes(8));
    }

    /// The agent itself asks a provider up to three times before the first text.
    @Test
    void aRetryComesAfterItsDelayAndTheDeadlineCountsRealSeconds() {
        model.script(_ -> new ModelServer.Answer(CODE, null, model.asked("limited") > 3 ? 0 : 429));
        long began = System.nanoTime();
        UUID id =
                client.submit(
                        "{\"prompt\":\"limited\",\"pipeline\":[\"code\"],\"timeout_seconds\":120}");
        JsonNode job = client.awaitEnd(id, Duration.ofSeconds(90));
        assertThat(job.get("status").stringValue()).as(job.toString()).isEqualTo("succeeded");
        assertThat(job.get("attempt").asInt()).isEqualTo(2);
        assertThat(client.types(id)).containsOnlyOnce("retrying");
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .as("2 s, a fifth more or less, and not minutes")
                .isBetween(Duration.ofMillis(1_600), Duration.ofSeconds(60));
        client.checkLog(id);
    }

    @Test
    void aLostWorkersJobIsTakenOverInTimeAndALivingOnesIsNot() throws IOException {
        CountDownLatch hold = new CountDownLatch(1);
        model.script(_ -> new ModelServer.Answer(CODE, hold, 0));
        UUID id = client.submit("{\"prompt\":\"held\",\"pipeline\":[\"code\"]}");
        client.awaitEvent(id, "chunk", "code", Duration.ofSeconds(30));
        long held = System.nanoTime();
        Stack.await(
                "longer than a worker may be silent",
                Duration.ofSeconds(10),
                () -> System.nanoTime() - held > Duration.ofSeconds(8).toNanos());
        assertThat(client.types(id)).doesNotContain("retrying");
        String worker = client.workerOf(id);
        long killed = System.nanoTime();
        stack.kill(worker);
        hold.countDown();

        JsonNode job = client.awaitEnd(id, Duration.ofSeconds(40));

        assertThat(job.get("status").stringValue()).as(job.toString()).isEqualTo("succeeded");
        assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(Duration.ofSeconds(20));
        assertThat(job.get("attempt").asInt()).isEqualTo(1);
        client.checkLog(id);
        stack.start(worker);
        stack.awaitReady(worker);
    }
}
