package dev.atomic.shared.queue;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Signals through the board in the H2 process: a call that blocks there until something is raised.
final class H2Signals {
    /// A commit can't send here, so nothing is said of how it would.
    static final Signals.Wire WIRE =
            new Signals.Wire("select atomic_raise(?, ?)", "", H2Signals::hear);

    /// How long one call waits in the server. While it does, H2 keeps every version of what is
    /// committed meanwhile, and goes over them at each commit: at 10 s this was a fifth of its time
    /// at 200 jobs a second.
    private static final long WAIT_MS = 1_000;

    private H2Signals() {}

    private static void hear(
            Connection connection,
            Signals.Channel channel,
            Consumer<Signals.Signal> listener,
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
}
