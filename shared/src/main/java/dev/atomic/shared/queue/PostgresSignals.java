package dev.atomic.shared.queue;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.springframework.jdbc.core.JdbcTemplate;

/// Signals through `LISTEN` and `NOTIFY`, each listener on an unpooled connection that is never in
/// a transaction.
public final class PostgresSignals implements Signals {
    /// How long one read waits; after it the connection is tried, so that a dead one is noticed.
    private static final int WAIT_MS = 10_000;

    /// A signal may be lost, so its commit need not wait for the disk.
    private static final String NOTIFY =
            "select set_config('synchronous_commit', 'off', true), pg_notify(?, ?)";

    private static final String NOTIFY_ON_COMMIT = "select pg_notify(?, ?)";

    private final JdbcTemplate jdbc;
    private final SignalSender sender;
    private final Listeners listeners;

    /// @param unpooled gives each listener a connection of its own
    PostgresSignals(DataSource pooled, DataSource unpooled) {
        this.jdbc = new JdbcTemplate(pooled);
        this.sender = new SignalSender(jdbc, NOTIFY);
        this.listeners = new Listeners(unpooled, PostgresSignals::hear);
    }

    @Override
    public void raise(Channel channel, Set<UUID> jobs) {
        sender.raise(channel, jobs);
    }

    /// One commit and one thread fewer on a job's way to a worker. `NOTIFY` holds a lock over the
    /// commit, which costs nothing where commits queue up for a lock of ours anyway.
    @Override
    public void raiseOnCommit(Channel channel, Set<UUID> jobs) {
        for (String payload : SignalSender.payloads(jobs)) {
            jdbc.query(NOTIFY_ON_COMMIT, _ -> {}, channel.wire(), payload);
        }
    }

    @Override
    public void listen(Channel channel, Consumer<Signal> listener) {
        listeners.add(channel, listener);
    }

    private static void hear(
            Connection connection,
            Channel channel,
            Consumer<Signal> listener,
            BooleanSupplier ended)
            throws SQLException {
        try (Statement sql = connection.createStatement()) {
            sql.execute("listen " + channel.wire());
            listener.accept(SignalParser.EVERYTHING);
            PGConnection postgres = connection.unwrap(PGConnection.class);
            while (!ended.getAsBoolean()) {
                PGNotification[] notifications = postgres.getNotifications(WAIT_MS);
                if (notifications.length == 0) {
                    sql.execute("select 1");
                }
                for (PGNotification notification : notifications) {
                    listener.accept(SignalParser.parse(notification.getParameter()));
                }
            }
        }
    }

    @Override
    public void close() {
        sender.close();
        listeners.close();
    }
}
