package dev.atomic.db.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.atomic.db.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What was acknowledged, or read, is there after a `kill -9` in the middle of writing.
class H2KilledIT {
    private static final int ROUNDS = 4;
    private static final int WRITERS = 4;
    private static final int READERS = 4;
    private static final int ACKNOWLEDGED_A_ROUND = 600;
    private static final int TEAR_ROUNDS = Integer.getInteger("tear.rounds", 8);
    private static final int TEAR_WRITERS = 24;
    private static final int TRANSACTIONS_A_ROUND = 300;

    @TempDir private Path home;

    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final Set<String> read = ConcurrentHashMap.newKeySet();
    private final AtomicInteger next = new AtomicInteger();

    @Test
    @Timeout(90)
    void aKilledServerLosesNoRowThatWasAcknowledgedOrRead() throws Exception {
        int port = TestDatabase.freePort();
        for (int round = 1; round <= ROUNDS; round++) {
            try (H2Process server = H2Process.launch(home, port).awaitReady()) {
                assertThat(stored(server))
                        .as("round %s", round)
                        .containsAll(acknowledged)
                        .containsAll(read);
                int goal = acknowledged.size() + ACKNOWLEDGED_A_ROUND;
                try (ExecutorService writers = Executors.newFixedThreadPool(WRITERS + READERS)) {
                    for (int i = 0; i < WRITERS; i++) {
                        var _ = writers.submit(() -> writeUntilItDies(server));
                    }
                    for (int i = 0; i < READERS; i++) {
                        var _ = writers.submit(() -> readUntilItDies(server));
                    }
                    await().atMost(Duration.ofSeconds(20))
                            .pollInterval(Duration.ofMillis(2))
                            .until(() -> acknowledged.size() >= goal);
                    server.kill();
                    writers.shutdown();
                    assertThat(writers.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
                }
            }
        }
        try (H2Process server = H2Process.launch(home, port).awaitReady()) {
            assertThat(stored(server)).containsAll(acknowledged).containsAll(read);
            assertThat(read).hasSizeGreaterThan(ROUNDS * ACKNOWLEDGED_A_ROUND / 2);
            assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(ROUNDS * ACKNOWLEDGED_A_ROUND);
        }
    }

    /// H2 writes whatever all sessions have changed when one of them commits. A kill right after
    /// that must leave of every other transaction all or nothing: in its tables, and in their
    /// indexes.
    @Test
    @Timeout(180)
    void aKilledServerLeavesOfATransactionAllOrNothing() throws Exception {
        int port = TestDatabase.freePort();
        for (int round = 1; round <= TEAR_ROUNDS; round++) {
            try (H2Process server = H2Process.launch(home, port).awaitReady()) {
                assertNothingIsTorn(server, round);
                int goal = next.get() + TRANSACTIONS_A_ROUND;
                try (ExecutorService writers = Executors.newFixedThreadPool(TEAR_WRITERS)) {
                    for (int i = 0; i < TEAR_WRITERS; i++) {
                        var _ = writers.submit(() -> writeManyTablesUntilItDies(server));
                    }
                    await().atMost(Duration.ofSeconds(20))
                            .pollInterval(Duration.ofMillis(2))
                            .until(() -> next.get() >= goal);
                    server.kill();
                    writers.shutdown();
                    assertThat(writers.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
                }
            }
        }
        try (H2Process server = H2Process.launch(home, port).awaitReady()) {
            assertNothingIsTorn(server, TEAR_ROUNDS + 1);
        }
    }

    private static final List<String> INSERTS =
            List.of(
                    "insert into deleted_total (name, total) values (?, 1)",
                    "insert into maintenance_turn (name, due_at) values (?, current_timestamp)",
                    "insert into jobrunr_migrations (id, script, installedOn) values (?, 's', 'now')",
                    "insert into idempotency (tenant_id, kind, idem_key, job_id, body_sha256, created_at)"
                            + " values ('t', 'k', ?, random_uuid(), 's', current_timestamp)",
                    "insert into jobrunr_metadata (id, name, owner, `value`, createdAt, updatedAt)"
                            + " values (?, 'n', 'o', 'v', current_timestamp, current_timestamp)");

    private void writeManyTablesUntilItDies(H2Process server) {
        try (Connection connection = server.connect()) {
            connection.setAutoCommit(false);
            while (true) {
                String name = rowName(next.incrementAndGet());
                for (String insert : INSERTS) {
                    try (PreparedStatement sql = connection.prepareStatement(insert)) {
                        sql.setString(1, name);
                        sql.executeUpdate();
                    }
                }
                connection.commit();
            }
        } catch (SQLException killed) {
            // as it was meant
        }
    }

    private static void assertNothingIsTorn(H2Process server, int round) throws SQLException {
        List<Set<String>> tables = new ArrayList<>();
        try (Connection connection = server.connect();
                Statement sql = connection.createStatement()) {
            for (String column :
                    List.of(
                            "name from deleted_total",
                            "name from maintenance_turn",
                            "id from jobrunr_migrations",
                            "idem_key from idempotency",
                            "id from jobrunr_metadata")) {
                String name = column.substring(0, column.indexOf(' '));
                tables.add(names(sql, "select " + column + " where " + name + " like 'row-%'"));
                // This one is answered from the index alone.
                tables.add(
                        names(
                                sql,
                                "select "
                                        + column
                                        + " where "
                                        + name
                                        + " >= 'row-' and "
                                        + name
                                        + " < 'row.' order by "
                                        + name));
            }
        }
        for (Set<String> table : tables) {
            Set<String> torn = new HashSet<>(tables.getFirst());
            torn.removeAll(table);
            assertThat(torn).as("before round %s, missing", round).isEmpty();
            torn.addAll(table);
            torn.removeAll(tables.getFirst());
            assertThat(torn).as("before round %s, left alone", round).isEmpty();
        }
    }

    private static Set<String> names(Statement sql, String query) throws SQLException {
        Set<String> names = new HashSet<>();
        try (ResultSet rows = sql.executeQuery(query)) {
            while (rows.next()) {
                names.add(rows.getString(1).strip());
            }
        }
        return names;
    }

    private void writeUntilItDies(H2Process server) {
        try (Connection connection = server.connect();
                PreparedStatement insert =
                        connection.prepareStatement(
                                "insert into deleted_total (name, total) values (?, 1)")) {
            while (true) {
                String name = rowName(next.incrementAndGet());
                insert.setString(1, name);
                insert.executeUpdate();
                acknowledged.add(name);
            }
        } catch (SQLException killed) {
            // as it was meant
        }
    }

    /// The last few, as whoever follows a log does.
    private void readUntilItDies(H2Process server) {
        try (Connection connection = server.connect();
                PreparedStatement select =
                        connection.prepareStatement(
                                "select name from deleted_total where name > ?")) {
            while (true) {
                select.setString(1, rowName(next.get() - 2 * WRITERS));
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        read.add(rows.getString(1));
                    }
                }
            }
        } catch (SQLException killed) {
            // as it was meant
        }
    }

    private static String rowName(int number) {
        return "row-%08d".formatted(number);
    }

    private static Set<String> stored(H2Process server) throws SQLException {
        Set<String> names = new HashSet<>();
        try (Connection connection = server.connect();
                Statement sql = connection.createStatement();
                ResultSet rows = sql.executeQuery("select name from deleted_total")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }
}
