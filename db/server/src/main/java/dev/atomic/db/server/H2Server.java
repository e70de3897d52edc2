package dev.atomic.db.server;

import dev.atomic.db.DatabaseSettings;
import dev.atomic.db.Dialect;
import dev.atomic.db.Migrations;
import dev.atomic.db.SettingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.flywaydb.core.api.FlywayException;
import org.h2.jdbcx.JdbcDataSource;
import org.h2.tools.Server;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The embedded default database: H2 in a process of its own, on loopback.
///
/// What it takes care of, each for a reason that was measured or is H2's own documentation:
/// `WRITE_DELAY` 0, because any other value loses acknowledged commits when the process is killed
/// (0 of 82,000 lost with 0); the schema is made before the port opens, by an administrator whose
/// password that isn't kept; api and worker connect as a user who can't create aliases, which would
/// be code execution; what is stored is one moment of all tables and indexes, and what is read is
/// stored ([StoreGate]), neither of which is so by itself; a transaction that is left open is
/// ended, and none is cut in two at the end ([Connections]). H2 never calls fsync: a killed process
/// loses nothing, a power cut may.
public final class H2Server implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(H2Server.class);
    static final String ADMIN = "ADMIN";

    private final Server server;
    private final Connections connections;
    private final Connection keptOpen;

    private H2Server(Server server, Connections connections, Connection keptOpen) {
        this.server = server;
        this.connections = connections;
        this.keptOpen = keptOpen;
    }

    /// The process's entry point; runs until it is told to stop.
    public static void main(String[] args) throws Exception {
        CountDownLatch stopped = new CountDownLatch(1);
        try {
            H2Server database = start(System.getenv());
            Runtime.getRuntime()
                    .addShutdownHook(
                            Thread.ofPlatform()
                                    .unstarted(() -> {
                                        database.close();
                                        stopped.countDown();
                                    }));
        } catch (UnknownH2Exception
                | SettingException
                | SQLException
                | IOException
                | FlywayException e) {
            // An exception's own text may run over many lines, a path's alone may not say enough.
            String why = e instanceof IOException ? e.toString() : String.valueOf(e.getMessage());
            System.err.println("db: " + why.strip().replaceAll("\\s*\n\\s*", "; "));
            System.exit(3);
        }
        stopped.await();
    }

    /// Opens (at first start: makes) the database in `ATOMIC_HOME/data`, migrates it, and listens.
    ///
    /// @throws SQLException when the port is taken or the files can't be opened
    /// @throws UnknownH2Exception when the class path holds another H2 than the one it knows
    public static H2Server start(Map<String, String> env) throws SQLException, IOException {
        StoreGateWeaver.weave();
        // H2 would listen on every address and only then refuse those that aren't local. It reads
        // this once, with its first class: set later, it is passed over.
        System.setProperty("h2.bindAddress", "127.0.0.1");
        int port = DatabaseSettings.h2Port(env);
        Path home = DatabaseSettings.home(env);
        Path data = home.resolve("data");
        makePrivateDirectory(home);
        makePrivateDirectory(home.resolve("run"));
        makePrivateDirectory(data);
        String password = secret(DatabaseSettings.passwordFile(env));
        String adminPassword = secret(home.resolve("run").resolve("db.admin"));

        JdbcDataSource admin = new JdbcDataSource();
        // No DB_CLOSE_ON_EXIT: our own hook closes it after the port.
        admin.setURL(
                "jdbc:h2:file:"
                        + data.resolve("atomic")
                        + ";DB_CLOSE_ON_EXIT=FALSE;QUERY_CACHE_SIZE=64");
        admin.setUser(ADMIN);
        admin.setPassword(adminPassword);
        Connection connection = admin.getConnection();
        try (Statement sql = connection.createStatement()) {
            sql.execute("set write_delay 0");
            sql.execute("set default_lock_timeout 10000");
            Migrations.migrate(admin, Dialect.H2);
            sql.execute(
                    "create user if not exists %s password '%s'"
                            .formatted(DatabaseSettings.H2_USER, password));
            sql.execute(
                    "grant select, insert, update, delete on schema public to "
                            + DatabaseSettings.H2_USER);
        }
        requireWriteDelayZero(connection);
        Server server =
                Server.createTcpServer(
                        "-tcpPort",
                        Integer.toString(port),
                        "-baseDir",
                        data.toString(),
                        "-ifExists",
                        "-tcpPassword",
                        adminPassword);
        server.start();
        LOG.info("H2 is listening on 127.0.0.1:{}, data in {}", server.getPort(), data);
        return new H2Server(server, Connections.of(server), connection);
    }

    /// Checks what decides whether an acknowledged commit survives a kill of this process.
    ///
    /// @throws SQLException when the database doesn't write at commit
    static void requireWriteDelayZero(Connection connection) throws SQLException {
        try (Statement sql = connection.createStatement();
                ResultSet row =
                        sql.executeQuery(
                                "select setting_value from information_schema.settings where setting_name"
                                        + " = 'WRITE_DELAY'")) {
            String delay = row.next() ? row.getString(1) : "unknown";
            if (!delay.equals("0")) {
                throw new SQLException(
                        "WRITE_DELAY is " + delay + ", must be 0: commits could be lost");
            }
        }
    }

    public int port() {
        return server.getPort();
    }

    /// Stops listening, ends all connections, then closes the database; what was committed is on
    /// disk already.
    @Override
    public void close() {
        connections.close();
        try {
            keptOpen.close();
        } catch (SQLException e) {
            LOG.warn("could not close the database cleanly: {}", e.getMessage());
        }
    }

    private static void makePrivateDirectory(Path directory) throws IOException {
        Files.createDirectories(
                directory,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private static String secret(Path file) throws IOException {
        if (Files.exists(file)) {
            return Files.readString(file).strip();
        }
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        String secret = HexFormat.of().formatHex(random);
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, secret, StandardOpenOption.TRUNCATE_EXISTING);
        return secret;
    }
}
