package dev.atomic.db;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/// The one PostgreSQL of a test JVM, in a container of the image `ops/postgres/build` makes; gone
/// with the JVM. It doesn't wait for the disk: its tests kill connections, not the machine.
final class PostgresServer {
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private static final String PASSWORD = UUID.randomUUID().toString();
    private static final int PORT = freePort();

    /// On the host's own network, loopback alone: needs no bridge of the engine's.
    @SuppressWarnings("resource") // Testcontainers' own hook removes it
    private static final GenericContainer<?> SERVER =
            new GenericContainer<>(DockerImageName.parse("atomic-postgres:15"))
                    .withNetworkMode("host")
                    .withEnv("POSTGRES_PASSWORD", PASSWORD)
                    .withCommand(
                            "postgres -c fsync=off -c max_connections=200 -c shared_preload_libraries=pg_stat_statements"
                                    + " -c pg_stat_statements.track_utility=off -c listen_addresses=127.0.0.1 -c port="
                                    + PORT)
                    .waitingFor(
                            Wait.forLogMessage(".*ready to accept connections.*\\s", 2)
                                    .withStartupTimeout(Duration.ofSeconds(60)));

    static {
        SERVER.start();
    }

    private PostgresServer() {}

    /// An empty database of its own.
    static DatabaseSettings newDatabase() throws SQLException {
        String name = "test_" + DATABASES.incrementAndGet();
        try (Connection connection = operator().getConnection();
                Statement sql = connection.createStatement()) {
            sql.execute("create database " + name);
        }
        return new DatabaseSettings(url(name), "postgres", PASSWORD);
    }

    /// A superuser's connections, to none of the tests' databases.
    static DataSource operator() {
        return new DriverManagerDataSource(url("postgres"), "postgres", PASSWORD);
    }

    private static String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + PORT + "/" + database;
    }

    private static int freePort() {
        try {
            return TestDatabase.freePort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
