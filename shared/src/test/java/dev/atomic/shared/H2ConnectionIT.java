package dev.atomic.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atomic.db.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A connection that is given up leaves nothing behind at the server.
class H2ConnectionIT {
    /// After this long the server ends transactions that ask for nothing, by itself.
    private static final Duration SERVERS_PATIENCE = Duration.ofSeconds(10);

    private final TestDatabase database;

    H2ConnectionIT() throws IOException, SQLException {
        this.database = TestDatabase.h2();
    }

    @BeforeEach
    void twoRows() throws SQLException {
        try (Connection connection = connect()) {
            execute(
                    connection,
                    "insert into tenant_queue (tenant_id, next_turn) values ('a', 0), ('b', 0)");
        }
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void itsLocksGoWithIt() throws SQLException {
        try (Connection holder = connect();
                Connection next = connect()) {
            holder.setAutoCommit(false);
            take(holder, "b");

            Connection slow = connect();
            slow.setAutoCommit(false);
            take(slow, "a");
            slow.setNetworkTimeout(Runnable::run, 200);
            // The server is still at it when the client has had enough.
            assertThatThrownBy(() -> take(slow, "b")).isInstanceOf(SQLException.class);
            slow.close();
            holder.rollback();

            long began = System.nanoTime();
            take(next, "a");
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isLessThan(SERVERS_PATIENCE.dividedBy(2));
        }
    }

    @Test
    void itsNetworkTimeoutIsKept() throws SQLException {
        try (Connection connection = connect()) {
            connection.setNetworkTimeout(Runnable::run, 1_234);
            assertThat(connection.getNetworkTimeout()).isEqualTo(1_234);
            connection.close();
            assertThat(connection.getNetworkTimeout()).isZero();
        }
    }

    @Test
    void itIsTriedMoreThanOnce() throws SQLException {
        try (Connection connection = connect()) {
            assertThat(connection.isValid(1)).isTrue();
            assertThat(connection.isValid(1)).isTrue();
            database.close();
            assertThat(connection.isValid(1)).isFalse();
        }
    }

    private static void take(Connection connection, String tenant) throws SQLException {
        execute(
                connection,
                "update tenant_queue set next_turn = next_turn + 1 where tenant_id = '%s'"
                        .formatted(tenant));
    }

    private Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", database.settings().user());
        properties.setProperty("password", database.settings().password());
        Connection connection = new H2Connection(database.settings().url(), properties);
        execute(connection, "set lock_timeout 20000");
        return connection;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
