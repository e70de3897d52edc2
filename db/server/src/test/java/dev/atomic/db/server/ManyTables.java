package dev.atomic.db.server;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Transactions that put one name into five tables, and so into ten maps of H2's and more.
final class ManyTables {
    private static final Map<String, String> INSERTS = new LinkedHashMap<>();

    static {
        INSERTS.put(
                "name from deleted_total", "insert into deleted_total (name, total) values (?, 1)");
        INSERTS.put(
                "name from maintenance_turn",
                "insert into maintenance_turn (name, due_at) values (?, current_timestamp)");
        INSERTS.put(
                "id from jobrunr_migrations",
                "insert into jobrunr_migrations (id, script, installedOn) values (?, 's', 'now')");
        INSERTS.put(
                "idem_key from idempotency",
                "insert into idempotency (tenant_id, kind, idem_key, job_id, body_sha256, created_at)"
                        + " values ('t', 'k', ?, random_uuid(), 's', current_timestamp)");
        INSERTS.put(
                "id from jobrunr_metadata",
                "insert into jobrunr_metadata (id, name, owner, `value`, createdAt, updatedAt)"
                        + " values (?, 'n', 'o', 'v', current_timestamp, current_timestamp)");
    }

    private ManyTables() {}

    /// Commits nothing.
    static void insert(Connection connection, String name) throws SQLException {
        for (String insert : INSERTS.values()) {
            try (PreparedStatement sql = connection.prepareStatement(insert)) {
                sql.setString(1, name);
                sql.executeUpdate();
            }
        }
    }

    /// The names that begin with `row-`, as each table has them and then as the index on its name
    /// has them; without a torn transaction all are equal.
    static List<List<String>> everywhere(Connection connection) throws SQLException {
        List<List<String>> found = new ArrayList<>();
        for (String from : INSERTS.keySet()) {
            String column = from.substring(0, from.indexOf(' '));
            found.add(
                    names(connection, "select %s where %s like 'row-%%'".formatted(from, column)));
            // This one is answered from the index alone.
            found.add(
                    names(
                            connection,
                            "select %s where %s >= 'row-' and %s < 'row.'"
                                    .formatted(from, column, column)));
        }
        return found;
    }

    private static List<String> names(Connection connection, String query) throws SQLException {
        List<String> names = new ArrayList<>();
        try (Statement sql = connection.createStatement();
                ResultSet rows = sql.executeQuery(query)) {
            while (rows.next()) {
                names.add(rows.getString(1).strip());
            }
        }
        return names.stream().sorted().toList();
    }
}
