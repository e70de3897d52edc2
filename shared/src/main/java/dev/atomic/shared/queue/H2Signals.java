package dev.atomic.shared.queue;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Signals through the board in the H2 process: a call that blocks there until something is raised.
final class H2Signals {
    /// A commit can't send here, so nothing is said of how it would.
    static final Signals.Wire WIRE =
            new Signals.Wire("select atomic_raise(?, ?)", "", H2Signals::hear);

    private static final String NEVER = "-1";

    /// How long one call waits in the server. While it does, H2 keeps every version of what is
    /// committed meanwhile, and goes over them at each commit: at 10 s this was a fifth of its time
    /// at 200 jobs a second. So only a listener that hears nothing waits longer than this.
    private static final long WAIT_MS = 1_000;

    private static final long MAX_WAIT_MS = 4_000;

    private H2Signals() {}

    private static void hear(
            Connection connection,
            Map<Signals.Channel, Consumer<Signals.Signal>> listeners,
            BooleanSupplier ended)
            throws SQLException {
        List<Signals.Channel> channels = List.copyOf(listeners.keySet());
        try (PreparedStatement await =
                connection.prepareStatement("select atomic_await_any(?, ?, ?)")) {
            await.setString(
                    1,
                    channels.stream().map(Signals.Channel::wire).collect(Collectors.joining(",")));
            String[] seen = new String[channels.size()];
            Arrays.fill(seen, NEVER);
            long wait = WAIT_MS;
            while (!ended.getAsBoolean()) {
                await.setString(2, String.join(",", seen));
                await.setLong(3, wait);
                wait = Math.min(2 * wait, MAX_WAIT_MS);
                String[] news = answer(await).split("\n", -1);
                for (int i = 0; i < news.length; i++) {
                    int split = news[i].indexOf(';');
                    String latest = news[i].substring(0, split);
                    if (!latest.equals(seen[i])) {
                        wait = WAIT_MS;
                        Objects.requireNonNull(listeners.get(channels.get(i)))
                                .accept(
                                        seen[i].equals(NEVER)
                                                ? SignalParser.EVERYTHING
                                                : SignalParser.parse(news[i].substring(split + 1)));
                    }
                    seen[i] = latest;
                }
            }
        }
    }

    private static String answer(PreparedStatement await) throws SQLException {
        try (ResultSet row = await.executeQuery()) {
            row.next();
            return row.getString(1);
        }
    }
}
