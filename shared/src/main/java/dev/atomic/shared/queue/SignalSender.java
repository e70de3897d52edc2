package dev.atomic.shared.queue;

import dev.atomic.shared.queue.Signals.Channel;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;

/// Sends signals from one thread over pooled connections: what is raised while one is on its way
/// goes together in the next (`NOTIFY` takes a lock that is held through commit, so few are better
/// than many).
final class SignalSender implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SignalSender.class);

    /// Ids a message: PostgreSQL takes payloads below 8,000 bytes, an id is 36 and a comma.
    private static final int IDS_A_MESSAGE = 200;

    private final JdbcTemplate jdbc;
    private final String statement;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition pending = lock.newCondition();
    private final Map<Channel, Set<UUID>> waiting = new EnumMap<>(Channel.class);
    private final Thread thread;

    /// @param statement takes channel and payload
    SignalSender(JdbcTemplate jdbc, String statement) {
        this.jdbc = jdbc;
        this.statement = statement;
        this.thread = Thread.ofPlatform().daemon().name("signal-sender").start(this::run);
    }

    void raise(Channel channel, Set<UUID> jobs) {
        lock.lock();
        try {
            waiting.computeIfAbsent(channel, _ -> new LinkedHashSet<>()).addAll(jobs);
            pending.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            while (true) {
                take().forEach(this::send);
            }
        } catch (InterruptedException stop) {
            // closed
        }
    }

    private Map<Channel, Set<UUID>> take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (waiting.isEmpty()) {
                pending.await();
            }
            Map<Channel, Set<UUID>> taken = new EnumMap<>(waiting);
            waiting.clear();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /// What says these ids, in as many messages as it takes; one for none.
    static List<String> payloads(Set<UUID> jobs) {
        List<UUID> ids = List.copyOf(jobs);
        List<String> payloads = new ArrayList<>();
        int from = 0;
        do {
            int to = Math.min(from + IDS_A_MESSAGE, ids.size());
            payloads.add(
                    ids.subList(from, to).stream()
                            .map(UUID::toString)
                            .collect(Collectors.joining(",")));
            from = to;
        } while (from < ids.size());
        return payloads;
    }

    private void send(Channel channel, Set<UUID> jobs) {
        try {
            for (String payload : payloads(jobs)) {
                jdbc.query(statement, _ -> {}, channel.wire(), payload);
            }
        } catch (DataAccessException e) {
            // A waiting listener looks by itself soon.
            LOG.debug("signal on {} not sent: {}", channel, e.getMessage());
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
