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
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What was acknowledged, or read, is there after a `kill -9` in the middle of writing. That of a
/// transaction all is there or nothing is [HaltedInStoreIT]'s.
class H2KilledIT {
    private static final int ROUNDS = 4;
    private static final int WRITERS = 4;
    private static final int READERS = 4;
    private static final int ACKNOWLEDGED_A_ROUND = 600;

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
