package dev.atomic.shared.queue;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/// Signals through the board in the H2 process: a call that blocks there until something is raised.
public final class H2Signals implements Signals {
    private static final Logger LOG = LoggerFactory.getLogger(H2Signals.class);

    /// How long one call waits in the server. While it does, H2 keeps every version of what is
    /// committed meanwhile, and goes over them at each commit: at 10 s this was a fifth of its time
    /// at 200 jobs a second.
    private static final long WAIT_MS = 1_000;

    private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final SignalSender sender;
    private final DataSource unpooled;
    private final List<Thread> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    /// @param unpooled gives each listener a connection of its own
    public H2Signals(DataSource pooled, DataSource unpooled) {
        this.sender = new SignalSender(new JdbcTemplate(pooled), "select atomic_raise(?, ?)");
        this.unpooled = unpooled;
    }

    @Override
    public void raise(Channel channel, Set<UUID> jobs) {
        sender.raise(channel, jobs);
    }

    @Override
    public void raiseOnCommit(Channel channel, Set<UUID> jobs) {
        TransactionSynchronizationManager.registerSynchronization(
                new TransactionSynchronization() {
                    @Override
                    public void afterCommit() {
                        raise(channel, jobs);
                    }
                });
    }

    @Override
    public void listen(Channel channel, Consumer<Signal> listener) {
        listeners.add(
                Thread.ofPlatform()
                        .daemon()
                        .name("signals-" + channel.wire())
                        .start(() -> run(channel, listener)));
    }

    private void run(Channel channel, Consumer<Signal> listener) {
        while (!closed) {
            try (Connection connection = unpooled.getConnection();
                    PreparedStatement await =
                            connection.prepareStatement("select atomic_await(?, ?, ?)")) {
                await.setString(1, channel.wire());
                await.setLong(3, WAIT_MS);
                long seen = -1;
                while (!closed) {
                    await.setLong(2, seen);
                    try (ResultSet row = await.executeQuery()) {
                        row.next();
                        String answer = row.getString(1);
                        int split = answer.indexOf(';');
                        long latest = Long.parseLong(answer.substring(0, split));
                        if (seen < 0) {
                            listener.accept(SignalParser.EVERYTHING);
                        } else if (latest != seen) {
                            listener.accept(SignalParser.parse(answer.substring(split + 1)));
                        }
                        seen = latest;
                    }
                }
            } catch (SQLException e) {
                if (!closed) {
                    LOG.debug("{} is not heard, trying again: {}", channel, e.getMessage());
                    LockSupport.parkNanos(AGAIN_NANOS);
                }
            } catch (RuntimeException e) {
                // A bug of one call must not end all: it is told anew that anything may have
                // happened.
                LOG.error("a listener of {} failed, listening anew", channel, e);
                LockSupport.parkNanos(AGAIN_NANOS);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        sender.close();
        listeners.forEach(Thread::interrupt);
    }
}
