package dev.atomic.api.relay;

import dev.atomic.db.DatabaseSettings;
import dev.atomic.db.TestDatabase;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.job.JobId;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.queue.Signals;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.bean.override.convention.TestBean;
import org.springframework.transaction.support.TransactionTemplate;

/// The real api on a free port, on a real H2 server; the test plays the worker. One of each for all
/// tests that extend this.
@Import(InterimParts.class)
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
abstract class LiveApi {
    static final HttpClient HTTP = HttpClient.newHttpClient();

    @TestBean DatabaseSettings databaseSettings;
    @TestBean RelayTimes relayTimes;

    @Autowired JobStore jobs;
    @Autowired EventLog log;
    @Autowired Signals signals;
    @Autowired TransactionTemplate transactions;
    @Autowired JobId ids;
    @Autowired EventTail tail;
    @Autowired StreamSocketHandler sockets;
    @LocalServerPort int port;

    WorkerAtHand worker;

    static DatabaseSettings databaseSettings() {
        return Database.ONE.settings();
    }

    static RelayTimes relayTimes() {
        return new RelayTimes(
                Duration.ofMillis(200),
                Duration.ofMillis(200),
                Duration.ofSeconds(2),
                Duration.ofSeconds(60));
    }

    @BeforeEach
    void workerAtHand() {
        worker = new WorkerAtHand(jobs, log, signals, transactions, ids);
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    HttpRequest.Builder events(UUID job, String query) {
        return HttpRequest.newBuilder(uri("/api/jobs/" + job + "/events" + query))
                .header("Accept", "text/event-stream")
                .timeout(Duration.ofSeconds(30));
    }

    /// Started with the first context, ended with the JVM.
    private static final class Database {
        static final TestDatabase ONE = start();

        private static TestDatabase start() {
            try {
                TestDatabase database = TestDatabase.h2();
                Runtime.getRuntime().addShutdownHook(new Thread(database::close));
                return database;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
