package dev.atomic.shared.queue;

import dev.atomic.shared.queue.Signals.Channel;
import dev.atomic.shared.queue.Signals.Signal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Threads that listen, each on a connection of its own, and listen again when that is lost. One
/// may listen to several channels.
///
/// Thread-safe.
final class Listeners implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final DataSource unpooled;
    private final Hearing hearing;
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    /// How one database is listened to.
    @FunctionalInterface
    interface Hearing {
        /// Tells each channel's listener first of [SignalParser#EVERYTHING], then of each signal.
        /// Returns when it is to end.
        void listen(
                Connection connection,
                Map<Channel, Consumer<Signal>> listeners,
                BooleanSupplier ended)
                throws SQLException;
    }

    /// @param unpooled gives each listener a connection of its own
    Listeners(DataSource unpooled, Hearing hearing) {
        this.unpooled = unpooled;
        this.hearing = hearing;
    }

    /// Calls back on one thread for all these channels from now on.
    void add(Map<Channel, Consumer<Signal>> listeners) {
        String name =
                listeners.keySet().stream().map(Channel::wire).collect(Collectors.joining("-"));
        threads.add(
                Thread.ofPlatform()
                        .daemon()
                        .name("signals-" + name)
                        .start(() -> run(name, listeners)));
    }

    private void run(String name, Map<Channel, Consumer<Signal>> listeners) {
        while (!closed) {
            try (Connection connection = unpooled.getConnection()) {
                hearing.listen(connection, listeners, () -> closed);
            } catch (SQLException e) {
                if (!closed) {
                    LOG.debug("can't listen to {}, trying again: {}", name, e.getMessage());
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            } catch (RuntimeException e) {
                // A bug in one call must not end the listening. The listener is told again that
                // anything may have happened.
                LOG.error("a listener of {} failed, listening again", name, e);
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
    }
}
