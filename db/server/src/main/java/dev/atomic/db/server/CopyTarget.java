package dev.atomic.db.server;

import dev.atomic.db.Dialect;
import dev.atomic.db.Migrations;
import dev.atomic.db.Migrations.Standing;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.postgresql.ds.PGSimpleDataSource;

/// The PostgreSQL that is copied into: whether it may be, and which tables it has in which order.
///
/// Not thread-safe.
final class CopyTarget {
    private final Connection connection;

    private CopyTarget(Connection connection) {
        this.connection = connection;
    }

    /// Makes the schema where there is none, begins a transaction and keeps all others out of the
    /// tables until its end.
    ///
    /// @throws CopyRefusedException when anything is there that isn't this version's empty schema
    static CopyTarget prepare(PGSimpleDataSource source, Connection connection)
            throws SQLException, CopyRefusedException {
        CopyTarget target = new CopyTarget(connection);
        if (target.tableNames().isEmpty()) {
            Migrations.migrate(source, Dialect.POSTGRESQL);
        } else if (Migrations.standing(source, Dialect.POSTGRESQL) != Standing.SAME) {
            throw new CopyRefusedException(
                    "the target holds tables that aren't this version's; give an empty database");
        }
        connection.setAutoCommit(false);
        target.execute("set local lock_timeout = '5s'");
        for (String table : target.tableNames()) {
            target.execute("lock table " + table + " in exclusive mode");
        }
        target.requireEmpty();
        return target;
    }

    /// Also what only the stack as it runs has, and the tables that a new schema isn't without.
    private void requireEmpty() throws SQLException, CopyRefusedException {
        for (Map.Entry<String, List<TableCopy.Column>> table : columns().entrySet()) {
            boolean ofTenants =
                    table.getValue().stream().anyMatch(each -> each.name().equals("tenant_id"));
            boolean ofProcesses = table.getKey().equals("worker");
            if ((ofTenants || ofProcesses) && hasRows(table.getKey())) {
                throw new CopyRefusedException(
                        "the target isn't empty: "
                                + table.getKey()
                                + " has rows; give an empty database");
            }
        }
    }

    private boolean hasRows(String table) throws SQLException {
        try (Statement sql = connection.createStatement();
                ResultSet row = sql.executeQuery("select exists (select from " + table + ")")) {
            return row.next() && row.getBoolean(1);
        }
    }

    /// All tables but these, those that others refer to first; emptied of what a new schema has.
    List<TableCopy> tables(Set<String> without) throws SQLException {
        Map<String, List<TableCopy.Column>> columns = columns();
        columns.keySet().removeAll(without);
        List<TableCopy> ordered = inOrder(columns);
        for (TableCopy table : ordered.reversed()) {
            execute("delete from " + table.name());
        }
        return ordered;
    }

    private List<TableCopy> inOrder(Map<String, List<TableCopy.Column>> columns)
            throws SQLException {
        Map<String, Set<String>> parents = parents();
        List<TableCopy> ordered = new ArrayList<>();
        Set<String> left = new HashSet<>(columns.keySet());
        while (!left.isEmpty()) {
            List<String> next =
                    left.stream()
                            .filter(name ->
                                    parents.getOrDefault(name, Set.of()).stream()
                                            .noneMatch(left::contains))
                            .sorted()
                            .toList();
            if (next.isEmpty()) {
                throw new SQLException("tables refer to each other in a circle: " + left);
            }
            next.forEach(name ->
                    ordered.add(new TableCopy(name, columns.getOrDefault(name, List.of()))));
            next.forEach(left::remove);
        }
        return ordered;
    }

    /// The tables that each table refers to, but itself.
    private Map<String, Set<String>> parents() throws SQLException {
        Map<String, Set<String>> parents = new HashMap<>();
        try (Statement sql = connection.createStatement();
                ResultSet rows =
                        sql.executeQuery(
                                """
                                select child.relname, parent.relname
                                from pg_constraint c
                                join pg_class child on child.oid = c.conrelid
                                join pg_class parent on parent.oid = c.confrelid
                                where c.contype = 'f' and child.oid <> parent.oid
                                """)) {
            while (rows.next()) {
                parents.computeIfAbsent(rows.getString(1), _ -> new HashSet<>())
                        .add(rows.getString(2));
            }
        }
        return parents;
    }

    Set<String> tableNames() throws SQLException {
        return new HashSet<>(columns().keySet());
    }

    private Map<String, List<TableCopy.Column>> columns() throws SQLException {
        Map<String, List<TableCopy.Column>> found = new TreeMap<>();
        try (Statement sql = connection.createStatement();
                ResultSet rows =
                        sql.executeQuery(
                                """
                                select c.table_name, c.column_name, c.udt_name
                                from information_schema.columns c
                                join information_schema.tables t
                                  on t.table_schema = c.table_schema and t.table_name = c.table_name
                                where c.table_schema = current_schema() and t.table_type = 'BASE TABLE'
                                order by c.table_name, c.ordinal_position
                                """)) {
            while (rows.next()) {
                String table = rows.getString(1);
                List<TableCopy.Column> columns =
                        found.computeIfAbsent(table, _ -> new ArrayList<>());
                if (!DatabaseCopy.LEFT_BEHIND.contains(table)) {
                    columns.add(
                            new TableCopy.Column(
                                    rows.getString(2), TableCopy.Kind.of(rows.getString(3))));
                }
            }
        }
        return found;
    }

    /// Numbers that the database gives go on after the highest that was copied.
    void resetSequences() throws SQLException {
        List<String> resets = new ArrayList<>();
        try (PreparedStatement sql =
                        connection.prepareStatement(
                                """
                                select table_name, column_name from information_schema.columns
                                where table_schema = current_schema() and is_identity = 'YES'
                                """);
                ResultSet rows = sql.executeQuery()) {
            while (rows.next()) {
                resets.add(
                        "select setval(pg_get_serial_sequence('%1$s', '%2$s'), coalesce(max(%2$s), 0) + 1, false) from %1$s"
                                .formatted(rows.getString(1), rows.getString(2)));
            }
        }
        for (String reset : resets) {
            execute(reset);
        }
    }

    /// Commits, and lets the planner see what there is now.
    void commit() throws SQLException {
        connection.commit();
        connection.setAutoCommit(true);
        execute("analyze");
    }

    Connection connection() {
        return connection;
    }

    private void execute(String statement) throws SQLException {
        try (Statement sql = connection.createStatement()) {
            sql.execute(statement);
        }
    }
}
