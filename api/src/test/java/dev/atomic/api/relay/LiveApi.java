package dev.atomic.api.relay;

import dev.atomic.api.RunningApi;
import dev.atomic.db.TestDatabase;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.queue.Signals;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.springframework.transaction.support.TransactionTemplate;

/// The real api on a free port, on a real H2 server; the test plays the worker. One of each for all
/// tests that extend this.
abstract class LiveApi {
    static final HttpClient HTTP = HttpClient.newHttpClient();

    final RunningApi api = Processes.API;
    final int port = api.port();
    final EventTail tail = api.bean(EventTail.class);
    final EventLog log = api.bean(EventLog.class);
    final StreamSocketHandler sockets = api.bean(StreamSocketHandler.class);
    final WorkerAtHand worker =
            new WorkerAtHand(
                    api.bean(JobStore.class),
                    log,
                    api.bean(Signals.class),
                    api.bean(TransactionTemplate.class));

    URI uri(String path) {
        return api.uri(path);
    }

    HttpRequest.Builder events(UUID job, String query) {
        return HttpRequest.newBuilder(uri("/api/jobs/" + job + "/events" + query))
                .header("Accept", "text/event-stream")
                .timeout(Duration.ofSeconds(30));
    }

    /// Started with the first test, ended with the JVM.
    private static final class Processes {
        static final RunningApi API = start();

        private static RunningApi start() {
            try {
                TestDatabase database = TestDatabase.h2();
                return RunningApi.on(
                        database,
                        Map.of(
                                "relay.comment", "200ms",
                                "relay.ping", "200ms",
                                "relay.silence", "2s",
                                "relay.send", "60s"));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
