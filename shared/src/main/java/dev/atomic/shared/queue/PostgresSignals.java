package dev.atomic.shared.queue;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/// Signals through `LISTEN` and `NOTIFY`, each listener on an unpooled connection that is never in
/// a transaction.
///
/// `NOTIFY` holds a lock over the commit, which costs nothing where commits queue up for a lock of
/// ours anyway.
final class PostgresSignals {
    /// A signal sent by itself may be lost, so its commit need not wait for the disk.
    static final Signals.Wire WIRE =
            new Signals.Wire(
                    "select set_config('synchronous_commit', 'off', true), pg_notify(?, ?)",
                    "select pg_notify(?, ?)",
                    PostgresSignals::hear);

    /// How long one read waits; after it the connection is tried, so that a dead one is noticed.
    private static final int WAIT_MS = 10_000;

    private PostgresSignals() {}

    private static void hear(
            Connection connection,
            Map<Signals.Channel, Consumer<Signals.Signal>> listeners,
            BooleanSupplier ended)
            throws SQLException {
        try (Statement sql = connection.createStatement()) {
            Map<String, Consumer<Signals.Signal>> byName = new HashMap<>();
            for (Map.Entry<Signals.Channel, Consumer<Signals.Signal>> each : listeners.entrySet()) {
                byName.put(each.getKey().wire(), each.getValue());
                sql.execute("listen " + each.getKey().wire());
            }
            byName.values().forEach(listener -> listener.accept(SignalParser.EVERYTHING));
            PGConnection postgres = connection.unwrap(PGConnection.class);
            while (!ended.getAsBoolean()) {
                PGNotification[] notifications = postgres.getNotifications(WAIT_MS);
                if (notifications.length == 0) {
                    sql.execute("select 1");
                }
                for (PGNotification notification : notifications) {
                    Objects.requireNonNull(byName.get(notification.getName()))
                            .accept(SignalParser.parse(notification.getParameter()));
                }
            }
        }
    }
}
