package dev.atomic.api.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.RunningApi;
import dev.atomic.api.RunningApi.Answer;
import dev.atomic.db.TestDatabase;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.queue.Signals;
import java.net.http.HttpClient;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/// All connections of the pool are at work for longer than anybody waits for an outage, and the
/// database is up: that is no outage.
@Timeout(60)
class BusyPoolIT {
    /// What [dev.atomic.shared.DatabaseConfiguration] gives a process.
    private static final int POOL = 16;

    private static final Duration BUSY = Duration.ofSeconds(4);

    @Test
    void aBusyPoolIsWaitedForOnH2() throws Exception {
        nobodyIsToldOfAnOutage(TestDatabase.h2());
    }

    @Test
    @Tag("engine")
    void aBusyPoolIsWaitedForOnPostgres() throws Exception {
        nobodyIsToldOfAnOutage(TestDatabase.postgres());
    }

    private static void nobodyIsToldOfAnOutage(TestDatabase database) throws Exception {
        try (database;
                RunningApi api = RunningApi.on(database, Map.of());
                HttpClient http = HttpClient.newHttpClient()) {
            nobodyIsToldOfAnOutage(api, http);
            http.shutdownNow();
        }
    }

    private static void nobodyIsToldOfAnOutage(RunningApi api, HttpClient http) throws Exception {
        WorkerAtHand worker =
                new WorkerAtHand(
                        api.bean(JobStore.class),
                        api.bean(EventLog.class),
                        api.bean(Signals.class),
                        api.bean(TransactionTemplate.class));
        UUID id = worker.running();
        worker.append(id, WorkerAtHand.chunks(0, "a", "b"));
        worker.succeed(id);
        try (SocketClient client = SocketClient.open(http, api.port());
                var threads = Executors.newVirtualThreadPerTaskExecutor();
                var end = Executors.newSingleThreadScheduledExecutor()) {
            List<Connection> held = new ArrayList<>();
            for (int i = 0; i < POOL; i++) {
                held.add(api.bean(DataSource.class).getConnection());
            }
            long began = System.nanoTime();
            Future<?> released =
                    end.schedule(
                            () -> {
                                for (Connection connection : held) {
                                    connection.close();
                                }
                                return null;
                            },
                            BUSY.toMillis(),
                            TimeUnit.MILLISECONDS);
            client.send("{'subscribe':'" + id + "'}");
            List<Callable<Answer>> asked =
                    List.of(
                            () -> api.get("/api/jobs/" + id),
                            () -> api.get("/api/jobs?limit=1"),
                            () -> api.get("/api/jobs/" + id + "/events"),
                            () -> api.post("/api/jobs", "{\"prompt\":\"p\"}"));
            List<Future<Answer>> requests = asked.stream().map(threads::submit).toList();
            assertThat(api.get("/health").status()).isEqualTo(200);
            assertThat(api.get("/api/metrics").status()).isEqualTo(200);
            assertThat(api.get("/actuator/health/readiness").status()).isEqualTo(200);
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .as("asked while the pool was busy")
                    .isLessThan(BUSY);

            List<JsonNode> messages = client.until("complete");
            assertThat(messages)
                    .extracting(message -> message.path("type").asString())
                    .containsExactly(
                            "subscribed",
                            "queued",
                            "started",
                            "chunk",
                            "chunk",
                            "succeeded",
                            "complete");
            for (Future<Answer> request : requests) {
                assertThat(request.get().status()).as(request.get().toString()).isBetween(200, 202);
            }
            released.get();
        }
    }
}
