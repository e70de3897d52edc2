package dev.atomic.shared.queue;

import dev.atomic.db.Dialect;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import javax.sql.DataSource;

/// Wakes other processes over the database: `NOTIFY` on PostgreSQL, the H2 process's own board on
/// H2.
///
/// A signal is a hint and may be lost (its sender may die between commit and signal): everybody who
/// listens also looks by itself now and then.
///
/// Thread-safe.
public sealed interface Signals extends AutoCloseable permits H2Signals, PostgresSignals {
    /// What is signalled.
    enum Channel {
        /// Jobs were enqueued.
        WORK,
        /// Events were appended.
        EVENTS,
        /// A job is to be cancelled.
        CANCEL;

        String wire() {
            return "atomic_" + name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /// What a listener is told.
    ///
    /// @param everything whether more may have happened than `jobs` says, as after a lost
    ///   connection
    record Signal(Set<UUID> jobs, boolean everything) {}

    /// Those of a database.
    ///
    /// @param unpooled gives each listener a connection of its own
    static Signals of(Dialect dialect, DataSource pooled, DataSource unpooled) {
        return switch (dialect) {
            case H2 -> new H2Signals(pooled, unpooled);
            case POSTGRESQL -> new PostgresSignals(pooled, unpooled);
        };
    }

    /// Sends soon, so call after the commit; signals raised meanwhile go together. Returns at once.
    void raise(Channel channel, Set<UUID> jobs);

    /// Sends when the caller's transaction commits, and only then.
    void raiseOnCommit(Channel channel, Set<UUID> jobs);

    /// Calls back on a thread of its own from now on; first with `everything`, once it listens.
    void listen(Channel channel, Consumer<Signal> listener);

    @Override
    void close();
}
