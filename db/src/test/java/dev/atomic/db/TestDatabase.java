package dev.atomic.db;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/// A real H2 server of the product's own kind, on a free port with its data in a new directory.
public final class TestDatabase implements AutoCloseable {
    private final H2Server server;
    private final DatabaseSettings settings;

    private TestDatabase(H2Server server, DatabaseSettings settings) {
        this.server = server;
        this.settings = settings;
    }

    public static TestDatabase h2() throws IOException, SQLException {
        Path home = Files.createTempDirectory("atomic-test-db");
        Map<String, String> env =
                Map.of(
                        "ATOMIC_HOME",
                        home.toString(),
                        "ATOMIC_H2_PORT",
                        Integer.toString(freePort()));
        H2Server server = H2Server.start(env);
        return new TestDatabase(server, DatabaseSettings.from(env));
    }

    /// Unpooled connections as api and worker make them.
    public DataSource dataSource() {
        return new DriverManagerDataSource(settings.url(), settings.user(), settings.password());
    }

    /// What a process that is to use this database finds in its environment.
    public Map<String, String> variables() {
        return Map.of(
                "ATOMIC_DB_URL", settings.url(),
                "ATOMIC_DB_USER", settings.user(),
                "ATOMIC_DB_PASSWORD", settings.password());
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
