package dev.atomic.db.server;

import dev.atomic.db.DatabaseSettings;
import dev.atomic.db.Dialect;
import dev.atomic.db.Migrations;
import dev.atomic.db.SettingException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.flywaydb.core.api.FlywayException;
import org.h2.jdbcx.JdbcDataSource;
import org.postgresql.ds.PGSimpleDataSource;

/// The way out of H2: copies the database of a stack that is down into an empty PostgreSQL.
///
/// Jobs and all that belongs to them, totals and waiting deliveries are copied in one transaction,
/// read back and compared with what was read from H2 before it is committed. What only described
/// the old stack's processes stays behind. H2's files aren't changed, so a user who isn't pleased
/// can go on with them.
public final class DatabaseCopy {
    /// Each process signs on anew, and what JobRunr knows of itself the new schema has.
    static final Set<String> LEFT_BEHIND =
            Set.of(
                    "worker",
                    "flyway_schema_history",
                    "jobrunr_migrations",
                    "jobrunr_metadata",
                    "jobrunr_recurring_jobs",
                    "jobrunr_backgroundjobservers");

    /// H2's code for a file that another process has open.
    private static final int IN_USE = 90020;

    private static final long PROGRESS_NANOS = 200_000_000;

    private final PrintStream progress;

    private DatabaseCopy(PrintStream progress) {
        this.progress = progress;
    }

    /// The process's entry point. The target is in `ATOMIC_DB_URL`, `_USER` and `_PASSWORD`, and
    /// the source in `ATOMIC_HOME`: nothing secret is an argument.
    ///
    /// Prints `TABLE<tab>DONE<tab>ALL` as it goes and `TABLE<tab>ROWS<tab>CHECKSUM<tab>agrees` at
    /// each table's end. Exits with 1 when it refused and 3 when a database can't be reached.
    public static void main(String[] args) {
        try {
            copy(System.getenv(), System.out);
        } catch (CopyRefusedException e) {
            end(1, e);
        } catch (UnknownH2Exception
                | SettingException
                | SQLException
                | IOException
                | FlywayException e) {
            end(3, e);
        }
    }

    private static void end(int code, Exception why) {
        String said =
                why instanceof IOException ? why.toString() : String.valueOf(why.getMessage());
        System.err.println(said.strip().replaceAll("\\s*\n\\s*", "; "));
        System.exit(code);
    }

    /// @throws CopyRefusedException before anything was copied, or after it was undone
    /// @throws SQLException when a database fails; nothing was copied
    public static void copy(Map<String, String> env, PrintStream progress)
            throws SQLException, IOException, CopyRefusedException {
        DatabaseSettings settings = DatabaseSettings.from(env);
        if (settings.dialect() != Dialect.POSTGRESQL) {
            throw new CopyRefusedException("the target has to be a jdbc:postgresql:// database");
        }
        StoreGateWeaver.weave();
        JdbcDataSource h2 = source(DatabaseSettings.home(env));
        try (Connection source = open(h2)) {
            requireThisVersion(h2);
            PGSimpleDataSource postgres = new PGSimpleDataSource();
            postgres.setUrl(settings.url());
            postgres.setUser(settings.user());
            postgres.setPassword(settings.password());
            postgres.setReWriteBatchedInserts(true);
            // Details quote rows, and rows hold what users wrote.
            postgres.setLogServerErrorDetail(false);
            try (Connection connection = postgres.getConnection()) {
                CopyTarget target = CopyTarget.prepare(postgres, connection);
                new DatabaseCopy(progress).copy(source, target);
                target.commit();
            }
        }
    }

    private static JdbcDataSource source(Path home) throws IOException, CopyRefusedException {
        Path file = home.resolve("data").resolve("atomic");
        Path password = home.resolve("run").resolve("db.admin");
        if (!Files.exists(Path.of(file + ".mv.db"))) {
            throw new CopyRefusedException("there is no H2 database in " + file.getParent());
        }
        JdbcDataSource h2 = new JdbcDataSource();
        // Rows as they are asked for: a table may be larger than the memory.
        h2.setURL("jdbc:h2:file:" + file + ";IFEXISTS=TRUE;LAZY_QUERY_EXECUTION=1");
        h2.setUser(H2Server.ADMIN);
        h2.setPassword(Files.readString(password).strip());
        return h2;
    }

    private static Connection open(JdbcDataSource h2) throws SQLException, CopyRefusedException {
        try {
            return h2.getConnection();
        } catch (SQLException e) {
            if (e.getErrorCode() == IN_USE) {
                throw new CopyRefusedException("the H2 database is in use; stop the stack first");
            }
            throw e;
        }
    }

    private static void requireThisVersion(JdbcDataSource h2) throws CopyRefusedException {
        switch (Migrations.standing(h2, Dialect.H2)) {
            case SAME -> {}
            case NONE, OLDER ->
                    throw new CopyRefusedException(
                            "the H2 database is of an older version; start the stack once, which"
                                    + " brings it up to date, and stop it again");
            case NEWER ->
                    throw new CopyRefusedException(
                            "the H2 database is of a newer version than this command");
        }
    }

    private void copy(Connection source, CopyTarget target)
            throws SQLException, CopyRefusedException {
        Set<String> there = names(source);
        if (!there.equals(target.tableNames())) {
            throw new CopyRefusedException(
                    "the two databases haven't the same tables: "
                            + there
                            + " and "
                            + target.tableNames());
        }
        List<TableCopy> tables = target.tables(LEFT_BEHIND);
        for (TableCopy table : tables) {
            copy(table, source, target.connection());
        }
        target.resetSequences();
    }

    private void copy(TableCopy table, Connection source, Connection target)
            throws SQLException, CopyRefusedException {
        long all = count(source, table.name());
        long[] toldAt = {System.nanoTime() - PROGRESS_NANOS};
        RowSum read;
        try {
            read =
                    table.copy(
                            source,
                            target,
                            done -> {
                                if (System.nanoTime() - toldAt[0] >= PROGRESS_NANOS) {
                                    toldAt[0] = System.nanoTime();
                                    say(table.name(), done, all);
                                }
                            });
        } catch (SQLException e) {
            // What a batch's own exception says is the statement, with what is in the rows.
            SQLException first = e.getNextException() == null ? e : e.getNextException();
            throw new SQLException(table.name() + ": " + first.getMessage(), e);
        }
        RowSum written = table.read(target);
        if (!read.agrees(written) || read.rows() != all) {
            throw new CopyRefusedException(
                    "%s came out otherwise than it went in (%d rows, %s; then %d rows, %s); nothing was copied"
                            .formatted(
                                    table.name(),
                                    read.rows(),
                                    read.checksum(),
                                    written.rows(),
                                    written.checksum()));
        }
        say(table.name(), read.rows(), read.checksum(), "agrees");
    }

    private void say(Object... said) {
        progress.println(String.join("\t", List.of(said).stream().map(String::valueOf).toList()));
        progress.flush();
    }

    private static long count(Connection source, String table) throws SQLException {
        try (Statement sql = source.createStatement();
                ResultSet row = sql.executeQuery("select count(*) from " + table)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static Set<String> names(Connection source) throws SQLException {
        Set<String> names = new HashSet<>();
        try (Statement sql = source.createStatement();
                ResultSet rows =
                        sql.executeQuery(
                                """
                                select table_name from information_schema.tables
                                where table_schema = 'PUBLIC' and table_type = 'BASE TABLE'
                                """)) {
            while (rows.next()) {
                names.add(rows.getString(1).toLowerCase(Locale.ROOT));
            }
        }
        return names;
    }
}
