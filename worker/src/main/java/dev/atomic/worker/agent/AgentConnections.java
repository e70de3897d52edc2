package dev.atomic.worker.agent;

import dev.atomic.worker.StopToken;
import dev.atomic.worker.agent.AgentConnection.Received;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The worker's connections to its agent. An agent that says `multiplex` gets all requests on one;
/// any other gets one request at a time on each of at most as many as the pool allows.
///
/// Thread-safe.
final class AgentConnections implements AutoCloseable {
    /// How often a request that waits for a connection looks whether it is to stop.
    private static final long INTERVAL_MS = 500;

    private static final Duration HEALTH_TIMEOUT = Duration.ofSeconds(5);

    private final Path socket;
    private final Duration connectTimeout;
    private final Semaphore places;
    private final Deque<AgentConnection> idle = new ArrayDeque<>();
    private @Nullable AgentConnection multiplexed;

    /// @param most connections opened at once
    AgentConnections(Path socket, Duration connectTimeout, int most) {
        this.socket = socket;
        this.connectTimeout = connectTimeout;
        this.places = new Semaphore(most, true);
    }

    /// A connection for one request; null when the request is stopped before there is one free.
    /// Close it when the request is over.
    ///
    /// @throws IOException when there is no agent to connect to
    @Nullable Lease acquire(StopToken stop) throws IOException, InterruptedException {
        AgentConnection shared = multiplexed();
        if (shared != null) {
            return new Lease(shared, false);
        }
        while (!places.tryAcquire(INTERVAL_MS, TimeUnit.MILLISECONDS)) {
            if (stop.isStopped()) {
                return null;
            }
        }
        try {
            shared = multiplexed();
            if (shared != null) { // another request found it out meanwhile
                places.release();
                return new Lease(shared, false);
            }
            AgentConnection connection = takeIdle();
            if (connection == null) {
                connection = AgentConnection.open(socket, connectTimeout);
                if (health(connection).multiplex()) {
                    // Shared before its place is given up, or the next request opens one more.
                    shared = share(connection);
                    places.release();
                    return new Lease(shared, false);
                }
            }
            return new Lease(connection, true);
        } catch (IOException | InterruptedException | RuntimeException e) {
            places.release();
            throw e;
        }
    }

    /// What the agent says of itself; null when it doesn't answer.
    Frame.@Nullable Health health() throws InterruptedException {
        try {
            AgentConnection shared = multiplexed();
            if (shared != null) {
                return health(shared);
            }
            try (AgentConnection connection = AgentConnection.open(socket, connectTimeout)) {
                return health(connection);
            }
        } catch (IOException e) {
            return null;
        }
    }

    private Frame.Health health(AgentConnection connection)
            throws IOException, InterruptedException {
        String id = connection.newId();
        Inbox inbox = connection.expect(id);
        try {
            connection.send(FrameCodec.healthCheck(id, System.currentTimeMillis()));
            Received received = inbox.poll(HEALTH_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            if (received instanceof Received.Got(Frame.Health answer)) {
                return answer;
            }
            connection.close();
            throw new IOException("the agent did not answer a health check");
        } finally {
            connection.forget(id);
        }
    }

    private synchronized @Nullable AgentConnection multiplexed() {
        if (multiplexed != null && !multiplexed.isOpen()) {
            multiplexed = null;
        }
        return multiplexed;
    }

    private synchronized AgentConnection share(AgentConnection connection) {
        if (multiplexed != null && multiplexed.isOpen()) {
            connection.close(); // another request was first
            return multiplexed;
        }
        multiplexed = connection;
        return connection;
    }

    private synchronized @Nullable AgentConnection takeIdle() {
        AgentConnection connection = idle.pollLast();
        while (connection != null && !connection.isOpen()) {
            connection = idle.pollLast();
        }
        return connection;
    }

    private synchronized void giveBack(AgentConnection connection) {
        if (connection.isOpen()) {
            idle.addLast(connection);
        }
    }

    @Override
    public synchronized void close() {
        idle.forEach(AgentConnection::close);
        if (multiplexed != null) {
            multiplexed.close();
        }
    }

    /// The use of a connection for one request.
    final class Lease implements AutoCloseable {
        final AgentConnection connection;
        private final boolean exclusive;

        private Lease(AgentConnection connection, boolean exclusive) {
            this.connection = connection;
            this.exclusive = exclusive;
        }

        /// Whether the request has the connection to itself, so that breaking it off ends only that
        /// request.
        boolean isExclusive() {
            return exclusive;
        }

        @Override
        public void close() {
            if (exclusive) {
                giveBack(connection);
                places.release();
            }
        }
    }
}
