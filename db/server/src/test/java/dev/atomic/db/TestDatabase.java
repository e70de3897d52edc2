package dev.atomic.db;

import com.zaxxer.hikari.HikariDataSource;
import dev.atomic.db.server.H2Server;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/// A real, migrated database of either kind, new and empty: H2 as the product's own server on a
/// free port, or a database of its own on the JVM's one PostgreSQL ([PostgresServer]).
public abstract sealed class TestDatabase implements AutoCloseable {
    private final DatabaseSettings settings;

    private TestDatabase(DatabaseSettings settings) {
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
        return new H2(env, server);
    }

    /// Needs a Docker engine: tag the test `engine`.
    public static TestDatabase postgres() throws SQLException {
        TestDatabase database = emptyPostgres();
        Migrations.migrate(database.dataSource(), Dialect.POSTGRESQL);
        return database;
    }

    static TestDatabase emptyPostgres() throws SQLException {
        return new Postgres(PostgresServer.newDatabase());
    }

    public Dialect dialect() {
        return settings.dialect();
    }

    public DatabaseSettings settings() {
        return settings;
    }

    /// Connections as they come, as many as one likes.
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

    /// Counts the statements of all clients from now on, as the database itself does. Ends of
    /// transactions aren't counted.
    public abstract void countStatements() throws Exception;

    /// How often each statement has run since then.
    public abstract Map<String, Long> statements() throws Exception;

    private static Map<String, Long> counted(Connection connection, String query)
            throws SQLException {
        Map<String, Long> counts = new TreeMap<>();
        try (Statement sql = connection.createStatement();
                ResultSet rows = sql.executeQuery(query)) {
            while (rows.next()) {
                counts.merge(rows.getString(1), rows.getLong(2), Long::sum);
            }
        }
        return counts;
    }

    /// Ends all connections and lets nobody in.
    public abstract void goAway() throws Exception;

    /// Ends what [#goAway()] began; what was committed is there.
    public abstract void comeBack() throws Exception;

    @Override
    public abstract void close();

    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static final class H2 extends TestDatabase {
        private final Map<String, String> env;
        private H2Server server;

        H2(Map<String, String> env, H2Server server) {
            super(DatabaseSettings.from(env));
            this.env = env;
            this.server = server;
        }

        @Override
        public void countStatements() throws Exception {
            try (Connection connection = admin();
                    Statement sql = connection.createStatement()) {
                sql.execute("set query_statistics_max_entries 1000");
                sql.execute("set query_statistics false");
                sql.execute("set query_statistics true");
            }
        }

        @Override
        public Map<String, Long> statements() throws Exception {
            try (Connection connection = admin()) {
                return counted(
                        connection,
                        "select sql_statement, execution_count from information_schema.query_statistics where not upper(sql_statement) in ('COMMIT', 'ROLLBACK')");
            }
        }

        private Connection admin() throws Exception {
            String password =
                    Files.readString(Path.of(env.get("ATOMIC_HOME"), "run", "db.admin")).strip();
            return DriverManager.getConnection(settings().url(), "ADMIN", password);
        }

        @Override
        public void goAway() {
            server.close();
        }

        @Override
        public void comeBack() throws Exception {
            server = H2Server.start(env);
        }

        @Override
        public void close() {
            server.close();
        }
    }

    private static final class Postgres extends TestDatabase {
        private final String name;

        /// PostgreSQL starts a process for each connection, which takes longer than what a test
        /// asks.
        private final HikariDataSource pool = new HikariDataSource();

        Postgres(DatabaseSettings settings) {
            super(settings);
            pool.setJdbcUrl(settings.url());
            pool.setUsername(settings.user());
            pool.setPassword(settings.password());
            pool.setMaximumPoolSize(100);
            pool.setMinimumIdle(0);
            this.name = settings.url().replaceAll(".*/|\\?.*", "");
        }

        @Override
        public void countStatements() throws Exception {
            asOperator("create extension if not exists pg_stat_statements");
            asOperator("select pg_stat_statements_reset()");
        }

        @Override
        public Map<String, Long> statements() throws Exception {
            try (Connection connection = PostgresServer.operator().getConnection()) {
                return counted(
                        connection,
                        "select query, calls from pg_stat_statements join pg_database on oid = dbid where datname = '"
                                + name
                                + "'");
            }
        }

        @Override
        public DataSource dataSource() {
            return pool;
        }

        @Override
        public void goAway() throws Exception {
            asOperator("alter database " + name + " allow_connections false");
            asOperator(
                    "select pg_terminate_backend(pid) from pg_stat_activity where datname = '"
                            + name
                            + "'");
            pool.getHikariPoolMXBean().softEvictConnections();
        }

        @Override
        public void comeBack() throws Exception {
            asOperator("alter database " + name + " allow_connections true");
        }

        @Override
        public void close() {
            pool.close();
            try {
                asOperator("drop database " + name + " with (force)");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        private static void asOperator(String statement) throws SQLException {
            try (Connection connection = PostgresServer.operator().getConnection();
                    Statement sql = connection.createStatement()) {
                sql.execute(statement);
            }
        }
    }
}
