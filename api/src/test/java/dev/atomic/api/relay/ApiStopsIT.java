package dev.atomic.api.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.RunningApi;
import dev.atomic.db.TestDatabase;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.queue.Signals;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.transaction.support.TransactionTemplate;

/// Shorter than the web server's graceful stop would wait for streams that never end.
@Timeout(20)
class ApiStopsIT {
    @Test
    void streamsAndSocketsAreToldToComeBackElsewhere() throws Exception {
        try (TestDatabase database = TestDatabase.h2();
                HttpClient http = HttpClient.newHttpClient()) {
            RunningApi api = RunningApi.on(database, Map.of());
            WorkerAtHand worker =
                    new WorkerAtHand(
                            api.bean(JobStore.class),
                            api.bean(EventLog.class),
                            api.bean(Signals.class),
                            api.bean(TransactionTemplate.class));
            UUID id = worker.running();
            SocketClient client = SocketClient.open(http, api.port());
            client.send("{'subscribe':'" + id + "'}");
            client.until("started");
            var stream =
                    http.send(
                            api.request(
                                            "/api/jobs/" + id + "/events",
                                            "Accept",
                                            "text/event-stream")
                                    .build(),
                            BodyHandlers.ofLines());
            var dashboard =
                    http.send(
                            api.request("/dashboard/sse/jobstats").build(), BodyHandlers.ofLines());
            api.close();
            assertThat(stream.body().filter(line -> line.startsWith("id: "))).hasSize(2);
            assertThat(dashboard.body().count()).isPositive();
            assertThat(client.closed.get(5, TimeUnit.SECONDS)).isEqualTo(1001);
        }
    }
}
