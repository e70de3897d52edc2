package dev.atomic.api.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.RunningApi;
import dev.atomic.db.DatabaseSettings;
import dev.atomic.db.Dialect;
import dev.atomic.db.server.H2Server;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.queue.Signals;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// The database goes away and comes back under clients that stay connected.
@Timeout(60)
class DatabaseOutageIT {
    @TempDir Path home;

    @Test
    void aSocketOutlivesTheDatabaseAndMissesNothing() throws Exception {
        Map<String, String> variables = new HashMap<>();
        variables.put("ATOMIC_HOME", home.toString());
        try (ServerSocket free = new ServerSocket(0)) {
            variables.put("ATOMIC_H2_PORT", "" + free.getLocalPort());
        }
        H2Server database = H2Server.start(variables);
        try (RunningApi api = RunningApi.on(variables);
                HttpClient http = HttpClient.newHttpClient();
                SocketClient client = SocketClient.open(http, api.port())) {
            WorkerAtHand worker = worker(variables, api.bean(Signals.class));
            UUID id = worker.running();
            client.send("{'subscribe':'" + id + "'}");
            assertThat(client.until("started")).hasSize(3);
            database.close();
            client.send("{'subscribe':'" + id + "','ref':'away'}");
            assertThat(client.next().path("code").asString()).isEqualTo("unavailable");
            database = H2Server.start(variables);
            worker.append(id, WorkerAtHand.chunks(0, "a", "b"));
            worker.succeed(id);
            assertThat(client.until("complete"))
                    .filteredOn(message -> message.has("seq"))
                    .extracting(message -> message.path("seq").asLong())
                    .containsExactly(3L, 4L, 5L);
            http.shutdownNow();
        } finally {
            database.close();
        }
    }

    /// With connections of its own, made one by one.
    private static WorkerAtHand worker(Map<String, String> variables, Signals signals) {
        DatabaseSettings settings = DatabaseSettings.from(variables);
        DataSource connections =
                new DriverManagerDataSource(settings.url(), settings.user(), settings.password());
        return new WorkerAtHand(
                new JobStore(JdbcClient.create(connections), Dialect.H2),
                new EventLog(new JdbcTemplate(connections)),
                signals,
                new TransactionTemplate(new JdbcTransactionManager(connections)));
    }
}
