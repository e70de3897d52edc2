package dev.atomic.db.server;

import dev.atomic.db.SignalBoard;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.ServerSocket;
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

/// The connections of the H2 server: ends those that leave a transaction open and ask for nothing,
/// and, when the server stops, all.
///
/// The first is PostgreSQL's `idle_in_transaction_session_timeout`; H2 has nothing like it. Such a
/// transaction keeps its locks, and everybody waits for them. Its client may be paused, or cut off
/// by the network. (One that gives its connection up closes the socket: `H2Connection`.)
///
/// The socket is closed, not the session: then the connection's own thread rolls back, as for a
/// client that died. `ABORT_SESSION` and a stop of the server (`TcpServer.stop`) do it in their
/// caller's thread, whatever the other is just doing. Seen of 2,500 stops under load: 453 clients
/// were told of a general error (50000) and 2 of a key that is there twice, which they take for
/// their own fault; with assertions on, of 300 stops one left half a transaction in the data.
///
/// H2 shows neither its connections nor their sessions, so they are read from its fields, as
/// [KnownH2] has them.
final class Connections implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

    /// Ours take milliseconds. The same as on PostgreSQL (`DatabasePatience`).
    private static final int LOOKS = 10;

    private static final Duration PAUSE = Duration.ofSeconds(1);

    /// A statement of ours takes milliseconds; one that waits for a row is let go when the row's
    /// holder is gone.
    private static final Duration MAX_FOR_ALL = Duration.ofSeconds(5);

    private final Server server;
    private final ServerSocket listening;
    private final Set<?> connections;
    private final Field sessionOf;
    private final Field transferOf;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("idle-transactions").unstarted(this::watchIdle);
    private Map<SessionLocal, Idle> idle = Map.of();

    /// Counted in looks and not by the clock: when this process itself was paused, its clients
    /// could ask for nothing.
    ///
    /// @param since when its last statement ended
    /// @param looks how often it was found so
    private record Idle(ValueTimestampTimeZone since, int looks) {}

    private Connections(Server server) throws ReflectiveOperationException {
        this.server = server;
        this.listening =
                (ServerSocket) field(TcpServer.class, "serverSocket").get(server.getService());
        this.connections = (Set<?>) field(TcpServer.class, "running").get(server.getService());
        this.sessionOf = field(TcpServerThread.class, "session");
        this.transferOf = field(TcpServerThread.class, "transfer");
    }

    /// Looks for idle transactions once a second until it is closed.
    ///
    /// @param server that was started
    /// @throws IllegalStateException when this version of H2 has other fields
    static Connections of(Server server) {
        try {
            Connections connections = new Connections(server);
            connections.thread.start();
            return connections;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("H2 doesn't have what is expected", e);
        }
    }

    private static Field field(Class<?> type, String name) throws NoSuchFieldException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }

    private void watchIdle() {
        try {
            while (true) {
                Thread.sleep(PAUSE);
                endIdle();
            }
        } catch (InterruptedException closed) {
            // nothing is held
        }
    }

    private void endIdle() {
        Map<SessionLocal, Idle> found = new HashMap<>();
        try {
            for (Object connection : now()) {
                SessionLocal session = (SessionLocal) sessionOf.get(connection);
                if (session != null && isIdleInTransaction(session)) {
                    Idle seen = seen(session);
                    if (seen.looks() > LOOKS) {
                        endIdle(socket(connection));
                    } else {
                        found.put(session, seen);
                    }
                }
            }
        } catch (ReflectiveOperationException | IOException | RuntimeException e) {
            // Thrown on, it would end the looks for good.
            LOG.warn("could not look for idle transactions, trying again later", e);
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

    private static void endIdle(@Nullable Socket socket) throws IOException {
        if (socket != null) {
            LOG.warn(
                    "closing the connection from {}: its transaction has been open for {} s without a"
                            + " statement",
                    socket.getRemoteSocketAddress(),
                    LOOKS * PAUSE.toSeconds());
            socket.close();
        }
    }

    /// @return nothing once it is closed
    private @Nullable Socket socket(Object connection) throws IllegalAccessException {
        return ((Transfer) transferOf.get(connection)).getSocket();
    }

    /// Accepts no more connections, and ends each as if its client had died. Returns when the last
    /// is gone, after five seconds at most.
    @Override
    public void close() {
        thread.interrupt();
        try {
            listening.close();
            long began = System.nanoTime();
            for (List<Object> left = now(); !left.isEmpty(); left = now()) {
                if (System.nanoTime() - began > MAX_FOR_ALL.toNanos()) {
                    LOG.warn("{} connections are still busy and are cut off", left.size());
                    break;
                }
                for (Object connection : left) {
                    Socket socket = socket(connection);
                    if (socket != null) {
                        socket.close();
                    }
                }
                SignalBoard.wakeAll();
                Thread.sleep(1);
            }
        } catch (ReflectiveOperationException | IOException e) {
            LOG.warn("could not end the connections", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.stop();
    }
}
