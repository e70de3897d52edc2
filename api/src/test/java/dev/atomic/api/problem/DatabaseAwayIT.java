package dev.atomic.api.problem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.RunningApi;
import dev.atomic.api.RunningApi.Answer;
import dev.atomic.db.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.UncategorizedSQLException;

class DatabaseAwayIT {
    private static final Duration PROMPT = Duration.ofSeconds(3);

    @Test
    void h2AwayIs503Within3Seconds() throws Exception {
        assertAnswered503Within3Seconds(TestDatabase.h2());
    }

    @Test
    @Tag("engine")
    void postgresAwayIs503Within3Seconds() throws Exception {
        assertAnswered503Within3Seconds(TestDatabase.postgres());
    }

    /// Keys are in the database: a good one can't be told from a wrong one then, and isn't refused.
    @Test
    void nobodyIsCalledUnauthorizedForIt(@TempDir Path home) throws Exception {
        Map<String, String> required =
                Map.of("ATOMIC_AUTH", "required", "ATOMIC_HOME", home.toString());
        try (TestDatabase database = TestDatabase.h2();
                RunningApi api = RunningApi.on(database, required)) {
            String key = Files.readString(home.resolve("run/admin.key")).strip();
            assertThat(api.get("/api/jobs", "X-API-Key", key).status()).isEqualTo(200);
            database.goAway();
            for (String sent : List.of(key, key.replaceAll(".$", "_"))) {
                Timed timed = timed(() -> api.get("/api/jobs", "X-API-Key", sent));
                assertThat(timed.answer().status()).as(timed.toString()).isEqualTo(503);
                assertThat(timed.answer().header("Retry-After")).isNotEmpty();
                assertThat(timed.took()).isLessThan(PROMPT);
            }
            assertThat(api.get("/actuator/health/liveness").status()).isEqualTo(200);
        }
    }

    private static void assertAnswered503Within3Seconds(TestDatabase database) throws Exception {
        try (database;
                RunningApi api = RunningApi.on(database, Map.of())) {
            assertThat(api.post("/api/jobs", "{\"prompt\":\"p\"}").status()).isEqualTo(202);
            assertThat(api.get("/actuator/health/readiness").status()).isEqualTo(200);
            database.goAway();

            List<Callable<Timed>> requests = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                requests.add(() -> timed(() -> api.post("/api/jobs", "{\"prompt\":\"p\"}")));
                requests.add(() -> timed(() -> api.get("/api/jobs?limit=1")));
            }
            requests.add(() -> timed(() -> api.post("/api/generate", "{\"prompt\":\"p\"}")));
            requests.add(() -> timed(() -> api.get("/api/metrics")));
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (Future<Timed> request : threads.invokeAll(requests)) {
                    Answer answer = request.get().answer();
                    assertThat(answer.status()).as(answer.toString()).isEqualTo(503);
                    assertThat(answer.code()).isEqualTo("unavailable");
                    assertThat(Integer.parseInt(answer.header("Retry-After"))).isPositive();
                    assertThat(request.get().took()).isLessThan(PROMPT);
                }
            }

            Timed health = timed(() -> api.get("/health"));
            assertThat(health.answer().status()).isEqualTo(503);
            assertThat(health.answer().json().get("llm_agent").asString()).isEqualTo("unreachable");
            assertThat(health.answer().json().get("uptime_ms").longValue()).isPositive();
            assertThat(health.took()).isLessThan(PROMPT);
            assertThat(api.get("/actuator/health/liveness").status()).isEqualTo(200);
            assertThat(api.get("/actuator/health/readiness").status()).isEqualTo(503);
        }
    }

    /// What H2's driver throws then is seen in the worker's `DatabaseOutageIT`.
    @Test
    void anAnswerThatBrokeOffIsTheDatabasesFault() {
        assertThat(DatabaseAway.isCauseOf(uncategorized(90028))).isTrue();
        assertThat(DatabaseAway.isCauseOf(uncategorized(42001))).as("a syntax error").isFalse();
    }

    private static UncategorizedSQLException uncategorized(int code) {
        return new UncategorizedSQLException(
                "read", null, new SQLException("message", Integer.toString(code), code));
    }

    private record Timed(Answer answer, Duration took) {}

    private static Timed timed(Callable<Answer> request) throws Exception {
        long began = System.nanoTime();
        Answer answer = request.call();
        return new Timed(answer, Duration.ofNanos(System.nanoTime() - began));
    }
}
