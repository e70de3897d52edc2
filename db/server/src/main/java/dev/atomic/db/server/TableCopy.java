package dev.atomic.db.server;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// One table on its way: its rows are read, written in batches, and read again.
///
/// @param columns as the target has them
record TableCopy(String name, List<Column> columns) {
    /// What a batch holds at most, whatever the rows are: a row may be of megabytes.
    private static final int BATCH_ROWS = 1_000;

    private static final int BATCH_BYTES = 4 * 1024 * 1024;

    /// Rows that are fetched at once; the longest have 2 MiB.
    private static final int FETCHED = 50;

    record Column(String name, Kind kind) {}

    /// What is read the same from both databases.
    enum Kind {
        ID,
        TEXT,
        BYTES,
        TIME,
        LOCAL_TIME,
        DAY,
        WHOLE,
        REAL,
        TRUTH;

        /// @param type PostgreSQL's name of it
        /// @throws SQLException when it is one that the copy wasn't taught
        static Kind of(String type) throws SQLException {
            return switch (type) {
                case "uuid" -> ID;
                case "varchar", "text", "bpchar" -> TEXT;
                case "bytea" -> BYTES;
                case "timestamptz" -> TIME;
                case "timestamp" -> LOCAL_TIME;
                case "date" -> DAY;
                case "int2", "int4", "int8" -> WHOLE;
                case "float8" -> REAL;
                case "bool" -> TRUTH;
                default -> throw new SQLException("columns of type " + type + " can't be copied");
            };
        }
    }

    /// Writes every row of `source` into `target`, and returns the sum of what was read.
    ///
    /// @param done told how many rows were written so far
    RowSum copy(Connection source, Connection target, LongConsumer done) throws SQLException {
        RowSum sum = new RowSum();
        try (Statement reading = source.createStatement();
                ResultSet rows = reading.executeQuery(select());
                PreparedStatement writing = target.prepareStatement(insert())) {
            int batched = 0;
            long bytes = 0;
            while (rows.next()) {
                List<@Nullable Object> row = row(rows);
                sum.add(row);
                for (int i = 0; i < row.size(); i++) {
                    writing.setObject(i + 1, row.get(i));
                    bytes += size(row.get(i));
                }
                writing.addBatch();
                batched++;
                if (batched == BATCH_ROWS || bytes >= BATCH_BYTES) {
                    writing.executeBatch();
                    done.accept(sum.rows());
                    batched = 0;
                    bytes = 0;
                }
            }
            writing.executeBatch();
        }
        return sum;
    }

    /// The sum of what is there.
    ///
    /// @param connection not in auto-commit mode, or PostgreSQL's driver reads all at once
    RowSum read(Connection connection) throws SQLException {
        RowSum sum = new RowSum();
        try (Statement reading = connection.createStatement()) {
            reading.setFetchSize(FETCHED);
            try (ResultSet rows = reading.executeQuery(select())) {
                while (rows.next()) {
                    sum.add(row(rows));
                }
            }
        }
        return sum;
    }

    private String select() {
        return "select " + names() + " from " + name;
    }

    private String insert() {
        String values = String.join(", ", Collections.nCopies(columns.size(), "?"));
        return "insert into " + name + " (" + names() + ") values (" + values + ")";
    }

    private String names() {
        return String.join(", ", columns.stream().map(Column::name).toList());
    }

    private List<@Nullable Object> row(ResultSet rows) throws SQLException {
        List<@Nullable Object> row = new ArrayList<>(columns.size());
        for (int i = 0; i < columns.size(); i++) {
            row.add(value(rows, i + 1, columns.get(i).kind));
        }
        return row;
    }

    private static @Nullable Object value(ResultSet rows, int at, Kind kind) throws SQLException {
        @Nullable Object value =
                switch (kind) {
                    case ID -> rows.getObject(at, UUID.class);
                    case TEXT -> rows.getString(at);
                    case BYTES -> rows.getBytes(at);
                    case TIME -> rows.getObject(at, OffsetDateTime.class);
                    case LOCAL_TIME -> rows.getObject(at, LocalDateTime.class);
                    case DAY -> rows.getObject(at, LocalDate.class);
                    case WHOLE -> rows.getLong(at);
                    case REAL -> rows.getDouble(at);
                    case TRUTH -> rows.getBoolean(at);
                };
        return rows.wasNull() ? null : value;
    }

    private static long size(@Nullable Object value) {
        return switch (value) {
            case String text -> 2L * text.length();
            case byte[] bytes -> bytes.length;
            case null, default -> 16;
        };
    }
}
