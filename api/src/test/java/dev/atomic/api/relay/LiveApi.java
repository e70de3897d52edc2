package dev.atomic.api.relay;

import dev.atomic.api.RunningApi;
import dev.atomic.api.relay.socket.StreamSocketHandler;
import dev.atomic.api.relay.tail.EventTail;
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
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionTemplate;

/// The real api on a free port, on a real database; the test plays the worker. One of each for all
/// tests that extend this.
abstract class LiveApi {
    static final HttpClient HTTP = HttpClient.newHttpClient();

    final RunningApi api;
    final int port;
    final EventTail tail;
    final EventLog log;
    final StreamSocketHandler sockets;
    final WorkerAtHand worker;

    LiveApi() {
        this(On.H2);
    }

    LiveApi(On on) {
        api = on.api();
        port = api.port();
        tail = api.bean(EventTail.class);
        log = api.bean(EventLog.class);
        sockets = api.bean(StreamSocketHandler.class);
        worker =
                new WorkerAtHand(
                        api.bean(JobStore.class),
                        log,
                        api.bean(Signals.class),
                        api.bean(TransactionTemplate.class));
    }

    URI uri(String path) {
        return api.uri(path);
    }

    HttpRequest.Builder events(UUID job, String query) {
        return HttpRequest.newBuilder(uri("/api/jobs/" + job + "/events" + query))
                .header("Accept", "text/event-stream")
                .timeout(Duration.ofSeconds(30));
    }

    /// The apis: each is started with the first test that wants it, and ended with the JVM.
    enum On {
        H2(TestDatabase::h2),
        POSTGRES(TestDatabase::postgres);

        private final Callable<TestDatabase> open;
        private @Nullable RunningApi api;

        On(Callable<TestDatabase> open) {
            this.open = open;
        }

        private synchronized RunningApi api() {
            if (api == null) {
                try {
                    api =
                            RunningApi.on(
                                    open.call().variables(),
                                    Map.of(
                                            "relay.comment", "200ms",
                                            "relay.ping", "200ms",
                                            "relay.silence", "2s",
                                            "relay.send", "60s"));
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
            return api;
        }
    }
}
