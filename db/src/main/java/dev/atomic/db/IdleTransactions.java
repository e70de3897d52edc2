package dev.atomic.db;

import java.io.IOException;
import java.lang.reflect.Field;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.h2.engine.SessionLocal;
import org.h2.server.TcpServer;
import org.h2.server.TcpServerThread;
import org.h2.tools.Server;
import org.h2.value.Transfer;
import org.h2.value.ValueTimestampTimeZone;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends connections that leave a transaction open and ask for nothing, as PostgreSQL does with
/// `idle_in_transaction_session_timeout`; H2 has nothing like it. Such a transaction keeps its
/// locks, and everybody waits for them.
///
/// Its client may be paused. Or it has given the connection up: H2's driver forgets one that didn't
/// answer in time, but doesn't close its socket (`SessionRemote.removeServer`, H2 2.4.240), so that
/// nobody here learns of it until the client's garbage collector comes by. Seen: no submit was
/// admitted for four minutes after this process had been paused for five seconds.
///
/// The socket is closed, not the session: then the connection's own thread rolls back, as for a
/// client that died. `ABORT_SESSION` does it in its caller's thread, whatever the other is about to
/// do.
///
/// H2 shows neither its connections nor their sessions, so they are read from its fields.
final class IdleTransactions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IdleTransactions.class);

    /// Ours take milliseconds. The same as on PostgreSQL (`DatabasePatience`).
    private static final int LOOKS = 10;

    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Set<?> connections;
    private final Field sessionOf;
    private final Field transferOf;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("idle-transactions").unstarted(this::run);
    private Map<SessionLocal, Idle> idle = Map.of();

    /// Counted in looks and not by the clock: when this process itself was paused, its clients
    /// could ask for nothing.
    ///
    /// @param since when its last statement ended
    /// @param looks how often it was found so
    private record Idle(ValueTimestampTimeZone since, int looks) {}

    private IdleTransactions(Set<?> connections, Field sessionOf, Field transferOf) {
        this.connections = connections;
        this.sessionOf = sessionOf;
        this.transferOf = transferOf;
    }

    /// Looks once a second until it is closed.
    ///
    /// @throws IllegalStateException when this version of H2 has other fields
    static IdleTransactions watch(Server server) {
        try {
            Set<?> connections =
                    (Set<?>) field(TcpServer.class, "running").get(server.getService());
            IdleTransactions watch =
                    new IdleTransactions(
                            connections,
                            field(TcpServerThread.class, "session"),
                            field(TcpServerThread.class, "transfer"));
            watch.thread.start();
            return watch;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("H2 doesn't have what is expected", e);
        }
    }

    private static Field field(Class<?> type, String name) throws NoSuchFieldException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(PAUSE);
                look();
            }
        } catch (InterruptedException closed) {
            // nothing is held
        }
    }

    private void look() {
        Map<SessionLocal, Idle> found = new HashMap<>();
        try {
            for (Object connection : now()) {
                SessionLocal session = (SessionLocal) sessionOf.get(connection);
                if (session != null && isIdleInTransaction(session)) {
                    Idle seen = seen(session);
                    if (seen.looks() > LOOKS) {
                        end((Transfer) transferOf.get(connection));
                    } else {
                        found.put(session, seen);
                    }
                }
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            // Thrown on, it would end the looks for good.
            LOG.warn("connections with idle transactions are looked for again later", e);
        }
        idle = found;
    }

    /// Those there are now; others come and go meanwhile.
    private List<Object> now() {
        synchronized (connections) {
            return new ArrayList<>(connections);
        }
    }

    private static boolean isIdleInTransaction(SessionLocal session) {
        return session.getState() == SessionLocal.State.SLEEP && session.containsUncommitted();
    }

    private Idle seen(SessionLocal session) {
        ValueTimestampTimeZone since = session.getCommandStartOrEnd();
        @Nullable Idle before = idle.get(session);
        return before != null && before.since().equals(since)
                ? new Idle(since, before.looks() + 1)
                : new Idle(since, 1);
    }

    private static void end(Transfer transfer) {
        try (Socket socket = transfer.getSocket()) {
            LOG.warn(
                    "closing the connection from {}: its transaction has been open for {} s without a"
                            + " statement",
                    socket.getRemoteSocketAddress(),
                    LOOKS * PAUSE.toSeconds());
        } catch (IOException e) {
            LOG.warn("closing an idle connection: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
