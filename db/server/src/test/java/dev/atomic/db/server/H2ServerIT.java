package dev.atomic.db.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.h2.api.ErrorCode.CONNECTION_BROKEN_1;

import dev.atomic.db.DatabaseSettings;
import dev.atomic.db.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class H2ServerIT {
    private static final String ONE_MORE =
            "update deleted_total set total = total + 1 where name = '%s'";

    @TempDir private Path home;

    @Test
    void itStartsAgainOnTheSameDataWithTheSamePassword() throws Exception {
        Map<String, String> env = env(home, TestDatabase.freePort());
        String password;
        try (H2Server server = H2Server.start(env)) {
            password = DatabaseSettings.from(env).password();
            execute(env, "insert into deleted_total (name, total) values ('x', 5)");
            assertThat(server.port()).isEqualTo(Integer.parseInt(env.get("ATOMIC_H2_PORT")));
        }
        try (H2Server _ = H2Server.start(env)) {
            assertThat(DatabaseSettings.from(env).password()).isEqualTo(password).hasSize(48);
            execute(env, "update deleted_total set total = 6 where name = 'x' and total = 5");
        }
    }

    @Test
    void secretsAndDataAreTheOwnersAlone() throws Exception {
        Path inside = home.resolve("state");
        try (H2Server _ = H2Server.start(env(inside, TestDatabase.freePort()))) {
            for (String directory : new String[] {"", "run", "data"}) {
                assertThat(permissions(inside.resolve(directory))).isEqualTo("rwx------");
            }
            for (String secret : new String[] {"run/db.password", "run/db.admin"}) {
                assertThat(permissions(inside.resolve(secret))).isEqualTo("rw-------");
            }
        }
    }

    /// SQL is code execution in H2 for who may do these.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "create alias run for 'java.lang.Runtime.getRuntime'",
                "create alias run as 'void run() { System.exit(1); }'",
                "create trigger t before insert on job call 'dev.atomic.Any'",
                "create aggregate a for 'dev.atomic.Any'",
                "create table mine (id int)",
                "create linked table l('', 'jdbc:h2:mem:', '', '', 't')",
                "call link_schema('a', '', 'jdbc:h2:mem:', '', '', 'public')",
                "call file_read('/etc/hostname')",
                "call file_write('x', '/tmp/atomic-h2-written')",
                "select * from csvread('/etc/hostname')",
                "script to '/tmp/atomic-h2-written'",
                "backup to '/tmp/atomic-h2-written'",
                "runscript from '/etc/hostname'",
                "set write_delay 500",
                "set default_lock_timeout 1",
                "create user other password 'x' admin",
                "alter user atomic admin true",
                "drop table job_event",
                "shutdown immediately"
            })
    void theApplicationsUserMayNot(String statement) throws Exception {
        try (TestDatabase database = TestDatabase.h2();
                Connection connection = database.dataSource().getConnection();
                Statement sql = connection.createStatement()) {
            assertThatThrownBy(() -> sql.execute(statement))
                    .isInstanceOf(SQLException.class)
                    .hasMessageMatching("(?s).*([Aa]dmin|[Rr]ights|not enough).*");
            assertThat(sql.execute("select 1 from job")).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/other",
                "/other;IFEXISTS=FALSE",
                "/mem:other",
                "//tmp/other",
                "/../other",
                "/atomic;FORBID_CREATION=FALSE;USER=ADMIN"
            })
    void nobodyMakesOrFindsAnotherDatabaseThroughThePort(String path) throws Exception {
        try (TestDatabase database = TestDatabase.h2()) {
            String url = database.settings().url().replaceAll("/atomic$", path);
            assertThatThrownBy(() -> DriverManager.getConnection(url, "sa", ""))
                    .isInstanceOf(SQLException.class);
        }
    }

    @Test
    void aDatabaseThatDoesNotWriteAtCommitIsRefused() throws Exception {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:h2:file:" + home.resolve("x"), "sa", "");
                Statement sql = connection.createStatement()) {
            sql.execute("set write_delay 1");
            assertThatThrownBy(() -> H2Server.requireWriteDelayZero(connection))
                    .isInstanceOf(SQLException.class)
                    .hasMessage("WRITE_DELAY is 1, must be 0: commits could be lost");
            sql.execute("set write_delay 0");
            H2Server.requireWriteDelayZero(connection);
        }
    }

    @Test
    void waitingSessionsDoNotHoldUpItsEnd() throws Exception {
        TestDatabase database = TestDatabase.h2();
        try (var waiting = Executors.newVirtualThreadPerTaskExecutor();
                Connection connection = database.dataSource().getConnection();
                Statement sql = connection.createStatement()) {
            assertThat(sql.execute("select atomic_await('ends', -1, 0)")).isTrue();
            Future<Boolean> waiter =
                    waiting.submit(() -> sql.execute("select atomic_await('ends', 0, 60000)"));
            long began = System.nanoTime();
            database.close();
            assertThatThrownBy(() -> waiter.get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(SQLException.class);
            assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began))
                    .as("seconds; without being woken it is 5")
                    .isLessThan(4);
        }
    }

    /// Each client adds to five rows in one transaction: they stay equal, and what it was told is
    /// in them.
    @Test
    void anEndUnderLoadCutsNoTransactionInTwo() throws Exception {
        Map<String, String> env = env(home, TestDatabase.freePort());
        int clients = 4;
        AtomicLongArray committed = new AtomicLongArray(clients);
        Set<Integer> errors = ConcurrentHashMap.newKeySet();
        try (H2Server _ = H2Server.start(env)) {
            for (int client = 0; client < clients; client++) {
                for (int row = 0; row < 5; row++) {
                    execute(
                            env,
                            "insert into deleted_total (name, total) values ('%d-%d', 0)"
                                    .formatted(client, row));
                }
            }
        }
        for (int round = 0; round < 20; round++) {
            long enough = committed.get(0) + round % 5;
            try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
                try (H2Server _ = H2Server.start(env)) {
                    for (int client = 0; client < clients; client++) {
                        int number = client;
                        pool.execute(() -> errors.add(addUntilItEnds(env, number, committed)));
                    }
                    await().until(() -> committed.get(0) > enough);
                }
            }
            try (H2Server _ = H2Server.start(env);
                    Connection connection = connect(env);
                    Statement sql = connection.createStatement()) {
                for (int client = 0; client < clients; client++) {
                    try (ResultSet rows =
                            sql.executeQuery(
                                    "select min(total), max(total) from deleted_total where name like '%d-%%'"
                                            .formatted(client))) {
                        rows.next();
                        assertThat(rows.getLong(1))
                                .isEqualTo(rows.getLong(2))
                                .isGreaterThanOrEqualTo(committed.get(client));
                        committed.set(client, rows.getLong(1));
                    }
                }
            }
        }
        assertThat(errors).as("all that clients see").containsExactly(CONNECTION_BROKEN_1);
    }

    /// @return the error that ended it
    private static int addUntilItEnds(
            Map<String, String> env, int client, AtomicLongArray committed) {
        try (Connection connection = connect(env);
                Statement sql = connection.createStatement()) {
            connection.setAutoCommit(false);
            while (true) {
                for (int row = 0; row < 5; row++) {
                    sql.executeUpdate(ONE_MORE.formatted(client + "-" + row));
                }
                connection.commit();
                committed.incrementAndGet(client);
            }
        } catch (SQLException e) {
            return e.getErrorCode();
        }
    }

    /// Ten seconds is the bound, as on PostgreSQL.
    @Test
    void aTransactionLeftOpenGivesItsLocksBackAndOneAtWorkKeepsThem() throws Exception {
        try (TestDatabase database = TestDatabase.h2();
                var pool = Executors.newVirtualThreadPerTaskExecutor();
                Connection left = inTransaction(database, "cancelled");
                Connection busy = inTransaction(database, "failed");
                Connection next = database.dataSource().getConnection();
                Statement sql = next.createStatement()) {
            Future<Boolean> work =
                    pool.submit(() ->
                            busy.createStatement()
                                    .execute("select atomic_await('nobody', 0, 15000)"));
            sql.execute("set lock_timeout 500");
            assertThatThrownBy(() -> sql.executeUpdate(ONE_MORE.formatted("cancelled")))
                    .as("locked")
                    .isInstanceOf(SQLException.class);
            await().atMost(Duration.ofSeconds(20))
                    .ignoreExceptions()
                    .until(() -> sql.executeUpdate(ONE_MORE.formatted("cancelled")) == 1);
            assertThatThrownBy(left::commit).as("its end").isInstanceOf(SQLException.class);
            assertThat(work.get(20, TimeUnit.SECONDS)).isTrue();
            busy.commit();
            try (ResultSet totals =
                    sql.executeQuery(
                            "select sum(total) from deleted_total where name in ('cancelled', 'failed')")) {
                totals.next();
                assertThat(totals.getLong(1)).as("of next and busy, not of left").isEqualTo(2);
            }
        }
    }

    private static Connection inTransaction(TestDatabase database, String total)
            throws SQLException {
        Connection connection = database.dataSource().getConnection();
        connection.setAutoCommit(false);
        try (Statement sql = connection.createStatement()) {
            sql.executeUpdate(ONE_MORE.formatted(total));
        }
        return connection;
    }

    @Test
    void aPortInUseIsOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertOneLine(home, taken.getLocalPort(), "" + taken.getLocalPort());
        }
    }

    @Test
    void dataInUseIsOneLine() throws Exception {
        try (H2Server _ = H2Server.start(env(home, TestDatabase.freePort()))) {
            assertOneLine(home, TestDatabase.freePort(), "in use");
        }
    }

    @Test
    void aStateDirectoryThatCannotBeMadeIsOneLine() throws Exception {
        Path file = Files.createFile(home.resolve("file"));
        assertOneLine(file, TestDatabase.freePort(), file.toString());
    }

    @Test
    void aTerminatedServerEndsWithItsDataClosed() throws Exception {
        int port = TestDatabase.freePort();
        try (H2Process server = H2Process.launch(home, port).awaitReady()) {
            server.terminate();
            assertThat(server.awaitExit()).isEqualTo(143);
        }
        assertThat(home.resolve("data")).isDirectoryNotContaining("glob:**.trace.db");
        try (H2Server again = H2Server.start(env(home, port))) {
            assertThat(again.port()).isEqualTo(port);
        }
    }

    private static void assertOneLine(Path home, int port, String saying) throws Exception {
        try (H2Process process = H2Process.launch(home, port)) {
            assertThat(process.awaitExit()).isEqualTo(3);
            assertThat(process.errors())
                    .singleElement()
                    .asString()
                    .startsWith("db: ")
                    .contains(saying);
        }
    }

    private static Map<String, String> env(Path home, int port) {
        return Map.of("ATOMIC_HOME", home.toString(), "ATOMIC_H2_PORT", Integer.toString(port));
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static Connection connect(Map<String, String> env) throws SQLException {
        DatabaseSettings settings = DatabaseSettings.from(env);
        return DriverManager.getConnection(settings.url(), settings.user(), settings.password());
    }

    private static void execute(Map<String, String> env, String statement) throws SQLException {
        try (Connection connection = connect(env);
                Statement sql = connection.createStatement()) {
            assertThat(sql.executeUpdate(statement)).isEqualTo(1);
        }
    }
}
