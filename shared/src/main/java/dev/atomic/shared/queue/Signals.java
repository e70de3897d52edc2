package dev.atomic.shared.queue;

import dev.atomic.db.Dialect;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/// Wakes other processes over the database: `NOTIFY` on PostgreSQL, the H2 process's own board on
/// H2.
///
/// A signal is a hint and may be lost (its sender may die between commit and signal): everybody who
/// listens also looks by itself now and then.
///
/// Thread-safe.
public final class Signals implements AutoCloseable {
    private final JdbcTemplate jdbc;
    private final Wire wire;
    private final SignalSender sender;
    private final Listeners listeners;

    /// What is signalled.
    public enum Channel {
        /// Jobs were enqueued.
        WORK,
        /// Events were appended.
        EVENTS,
        /// A job is to be cancelled.
        CANCEL;

        String wire() {
            return "atomic_" + name().toLowerCase(Locale.ROOT);
        }
    }

    /// What a listener is told.
    ///
    /// @param everything whether more may have happened than `jobs` says, as after a lost
    ///   connection
    public record Signal(Set<UUID> jobs, boolean everything) {}

    /// How one database carries signals.
    ///
    /// @param raise the statement that sends one, given a channel and a payload
    /// @param raiseOnCommit the statement that has one sent by the caller's commit; empty where
    ///   there is none such
    /// @param hearing how one listens
    record Wire(String raise, String raiseOnCommit, Listeners.Hearing hearing) {}

    private Signals(DataSource pooled, DataSource unpooled, Wire wire) {
        this.jdbc = new JdbcTemplate(pooled);
        this.wire = wire;
        this.sender = new SignalSender(jdbc, wire.raise());
        this.listeners = new Listeners(unpooled, wire.hearing());
    }

    /// Those of a database.
    ///
    /// @param unpooled gives each listener a connection of its own
    public static Signals of(Dialect dialect, DataSource pooled, DataSource unpooled) {
        return new Signals(
                pooled,
                unpooled,
                switch (dialect) {
                    case H2 -> H2Signals.WIRE;
                    case POSTGRESQL -> PostgresSignals.WIRE;
                });
    }

    /// Sends soon, so call after the commit; signals raised meanwhile go together. Returns at once.
    public void raise(Channel channel, Set<UUID> jobs) {
        sender.raise(channel, jobs);
    }

    /// Sends when the caller's transaction commits, and only then. Where the commit itself can
    /// send, a job's way to a worker has one commit and one thread fewer.
    public void raiseOnCommit(Channel channel, Set<UUID> jobs) {
        if (wire.raiseOnCommit().isEmpty()) {
            TransactionSynchronizationManager.registerSynchronization(
                    new TransactionSynchronization() {
                        @Override
                        public void afterCommit() {
                            raise(channel, jobs);
                        }
                    });
        } else {
            for (String payload : SignalSender.payloads(jobs)) {
                jdbc.query(wire.raiseOnCommit(), _ -> {}, channel.wire(), payload);
            }
        }
    }

    /// Calls back on a thread of its own from now on; first with `everything`, once it listens.
    public void listen(Channel channel, Consumer<Signal> listener) {
        listen(Map.of(channel, listener));
    }

    /// The same for several channels, on one thread and one connection for all.
    public void listen(Map<Channel, Consumer<Signal>> byChannel) {
        listeners.add(byChannel);
    }

    @Override
    public void close() {
        sender.close();
        listeners.close();
    }
}
