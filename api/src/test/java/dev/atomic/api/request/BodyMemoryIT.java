package dev.atomic.api.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.RunningApi;
import dev.atomic.api.RunningApi.Answer;
import dev.atomic.api.memory.RequestMemory;
import dev.atomic.db.TestDatabase;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/// What a body takes of the requests' memory is given back: with its answer, whatever that is, and
/// while it waits for its job's end.
class BodyMemoryIT {
    private static final long MIB = 1 << 20;

    private static final String LARGE =
            "{\"prompt\":\"p\",\"files\":[{\"path\":\"a\",\"content\":\""
                    + "a".repeat(1 << 20)
                    + "\"}]}";

    private static TestDatabase database;
    private static RunningApi api;
    private static RequestMemory memory;

    @BeforeAll
    static void start() throws Exception {
        database = TestDatabase.h2();
        api = RunningApi.on(database, Map.of("ATOMIC_SYNC_WAIT_SECONDS", "60"));
        memory = api.bean(RequestMemory.class);
    }

    @AfterAll
    static void stop() {
        api.close();
        database.close();
    }

    private final JdbcClient jdbc = JdbcClient.create(database.dataSource());

    @BeforeEach
    void emptyQueue() {
        jdbc.sql("delete from job").update();
        assertThat(memory.held()).isZero();
    }

    @Test
    void nothingIsHeldWhileARequestWaitsForItsJob() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            CompletableFuture<HttpResponse<String>> answer = send(client, "/api/generate");
            await(() -> jdbc.sql("select count(*) from job").query(Integer.class).single() == 1);
            await(() -> memory.held() == 0);
            assertThat(answer).isNotDone();
            client.shutdownNow();
        }
    }

    @Test
    void whatWaitsForAdmissionIsHeldUntilThatIsOver() throws Exception {
        try (Connection other = database.dataSource().getConnection();
                HttpClient client = HttpClient.newHttpClient()) {
            other.setAutoCommit(false);
            try (var lock = other.createStatement()) {
                lock.executeUpdate("update admission_gate set waiting_at_most = waiting_at_most");
            }
            CompletableFuture<HttpResponse<String>> first = send(client, "/api/jobs");
            CompletableFuture<HttpResponse<String>> second = send(client, "/api/jobs");
            await(() -> memory.held() >= 2 * MIB);
            other.rollback();
            assertThat(first.join().statusCode()).isEqualTo(202);
            assertThat(second.join().statusCode()).isEqualTo(202);
            await(() -> memory.held() == 0);
        }
    }

    @Test
    void nothingIsHeldOfWhatIsRefused() throws Exception {
        for (String body :
                new String[] {
                    LARGE.replace("prompt", "promt"),
                    LARGE.substring(1),
                    LARGE.replace("files", "fils"),
                    "[" + "{},".repeat(60_000) + "{}]",
                }) {
            Answer refused = api.post("/api/jobs", body);
            assertThat(refused.status()).isIn(400, 413);
            assertThat(memory.held()).isZero();
        }
    }

    @Test
    void whatDoesNotFitBesideTheOthersComesBackLater() throws Exception {
        try (RequestMemory.Share others = memory.open()) {
            while (others.tryTake(MIB)) {
                // all but the last
            }
            Answer refused = api.post("/api/jobs", LARGE);
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.code()).isEqualTo("unavailable");
            assertThat(refused.header("Retry-After")).isNotEmpty();
            assertThat(api.post("/api/jobs", "{\"prompt\":\"small\"}").status()).isEqualTo(202);
        }
        assertThat(api.post("/api/jobs", LARGE).status()).isEqualTo(202);
        assertThat(memory.held()).isZero();
    }

    private static CompletableFuture<HttpResponse<String>> send(HttpClient client, String path) {
        return client.sendAsync(
                api.request(path)
                        .setHeader("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(LARGE))
                        .build(),
                BodyHandlers.ofString());
    }

    private static void await(BooleanSupplier condition) {
        long until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited 20 s").isLessThan(until);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }
}
