package dev.atomic.shared.queue;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/// Signals through the board in the H2 process: a call that blocks there until something is raised.
public final class H2Signals implements Signals {
    /// How long one call waits in the server. While it does, H2 keeps every version of what is
    /// committed meanwhile, and goes over them at each commit: at 10 s this was a fifth of its time
    /// at 200 jobs a second.
    private static final long WAIT_MS = 1_000;

    private final SignalSender sender;
    private final Listeners listeners;

    /// @param unpooled gives each listener a connection of its own
    H2Signals(DataSource pooled, DataSource unpooled) {
        this.sender = new SignalSender(new JdbcTemplate(pooled), "select atomic_raise(?, ?)");
        this.listeners = new Listeners(unpooled, H2Signals::hear);
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
        listeners.add(channel, listener);
    }

    private static void hear(
            Connection connection,
            Channel channel,
            Consumer<Signal> listener,
            BooleanSupplier ended)
            throws SQLException {
        try (PreparedStatement await =
                connection.prepareStatement("select atomic_await(?, ?, ?)")) {
            await.setString(1, channel.wire());
            await.setLong(3, WAIT_MS);
            long seen = -1;
            while (!ended.getAsBoolean()) {
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
        }
    }

    @Override
    public void close() {
        sender.close();
        listeners.close();
    }
}
