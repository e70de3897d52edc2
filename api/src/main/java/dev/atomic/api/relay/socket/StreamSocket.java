package dev.atomic.api.relay.socket;

import dev.atomic.api.answer.JobResources;
import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.relay.socket.SocketOrder.Follow;
import dev.atomic.api.relay.socket.SocketOrder.Leave;
import dev.atomic.api.relay.socket.SocketOrder.Say;
import dev.atomic.api.relay.tail.Bell;
import dev.atomic.api.relay.tail.EventTail;
import dev.atomic.api.relay.tail.FollowerReads;
import dev.atomic.api.tenant.Caller;
import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.JobStore;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.PingMessage;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;

/// What is sent on one socket, all of it by one virtual thread: answers to the client's messages,
/// the events of the jobs it follows, pings.
///
/// Nothing waits here for a slow client but a bounded number of answers; events stay in the log
/// until there is room to send them. A client that sends and doesn't read its answers is not read
/// from either, once they are [#ANSWERS].
final class StreamSocket implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamSocket.class);

    /// Most jobs followed at once.
    static final int SUBSCRIPTIONS = 100;

    private static final int ANSWERS = 64;

    /// How soon something is tried again that couldn't be done because the database was away or
    /// there was no room for a result.
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final WebSocketSession session;
    private final Caller caller;
    private final EventTail tail;
    private final FollowerReads reads;
    private final JobStore jobs;
    private final JobResources resources;
    private final RequestMemory memory;
    private final SocketTimes times;

    private final Bell bell = new Bell();
    private final BlockingQueue<SocketOrder> orders = new ArrayBlockingQueue<>(ANSWERS);
    private final Set<UUID> followed = ConcurrentHashMap.newKeySet();
    private final Map<UUID, SocketSubscription> subscriptions = new LinkedHashMap<>();
    private volatile boolean closed;

    /// When the first ping went out that nothing was heard after; 0 when all are answered.
    private volatile long unanswered;

    StreamSocket(
            WebSocketSession session,
            Caller caller,
            EventTail tail,
            FollowerReads reads,
            JobStore jobs,
            JobResources resources,
            RequestMemory memory,
            SocketTimes times) {
        this.session = session;
        this.caller = caller;
        this.tail = tail;
        this.reads = reads;
        this.jobs = jobs;
        this.resources = resources;
        this.memory = memory;
        this.times = times;
    }

    /// Hands over what is to be said or done; waits while too much is on its way already.
    void order(SocketOrder order) throws InterruptedException {
        while (!closed && !orders.offer(order, 100, TimeUnit.MILLISECONDS)) {
            bell.ring();
        }
        if (order instanceof Follow follow) {
            followed.add(follow.job());
        }
        bell.ring();
    }

    /// Whose socket it is.
    Caller caller() {
        return caller;
    }

    /// Whether one more job can be followed, or this one is already.
    boolean hasRoomFor(UUID job) {
        return followed.size() < SUBSCRIPTIONS || followed.contains(job);
    }

    boolean hasRoom() {
        return followed.size() < SUBSCRIPTIONS;
    }

    /// The peer lives.
    void heard() {
        unanswered = 0;
    }

    /// The connection is gone; the thread leaves.
    void closed() {
        closed = true;
        bell.ring();
    }

    @Override
    public void run() {
        try {
            relay();
            session.close(closed ? CloseStatus.NORMAL : CloseStatus.GOING_AWAY);
        } catch (IOException e) {
            LOG.debug("a WebSocket client is gone: {}", e.getMessage());
            abandon();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("closing a WebSocket because of a bug", e);
            abandon();
        } finally {
            closed = true;
            subscriptions.values().forEach(SocketSubscription::close);
        }
    }

    private void relay() throws IOException, InterruptedException {
        long pingDue = System.nanoTime() + times.ping().toNanos();
        while (!closed && !tail.isStopping()) {
            boolean moved = obey();
            long longest = pingDue - System.nanoTime();
            for (SocketSubscription subscription : List.copyOf(subscriptions.values())) {
                try {
                    moved |= subscription.relay(this::send);
                    if (subscription.isEnded()) {
                        boolean sent = complete(subscription);
                        moved |= sent;
                        longest = sent ? longest : Math.min(longest, PAUSE_NANOS);
                    }
                } catch (DataAccessException | TransactionException e) {
                    longest = Math.min(longest, PAUSE_NANOS);
                }
            }
            if (moved) {
                continue;
            }
            if (longest > 0) {
                bell.await(longest);
            } else {
                ping();
                pingDue = System.nanoTime() + times.ping().toNanos();
            }
        }
    }

    private boolean obey() throws IOException {
        SocketOrder order = orders.poll();
        boolean any = order != null;
        while (order != null) {
            switch (order) {
                case Say say -> send(say.message());
                case Follow follow -> follow(follow);
                case Leave leave -> {
                    leave(leave.job());
                    send(leave.answer());
                }
            }
            order = orders.poll();
        }
        return any;
    }

    private void follow(Follow follow) throws IOException {
        leave(follow.job());
        followed.add(follow.job());
        send(follow.answer());
        subscriptions.put(
                follow.job(),
                new SocketSubscription(
                        tail,
                        reads,
                        bell,
                        follow.job(),
                        follow.after(),
                        follow.lastSeq(),
                        follow.over(),
                        follow.accumulate()));
    }

    private void leave(UUID job) {
        SocketSubscription subscription = subscriptions.remove(job);
        if (subscription != null) {
            subscription.close();
        }
        followed.remove(job);
    }

    /// All events are sent: now the job itself, and why it failed.
    ///
    /// @return whether it was; if not, there is no room for it next to what other requests hold
    private boolean complete(SocketSubscription subscription) throws IOException {
        UUID id = subscription.job();
        Optional<Job> found = reads.inTurn(() -> jobs.find(caller.tenant(), id));
        if (found.isEmpty()) {
            leave(id);
            send(ServerMessage.refused(ClientMessage.noSuchJob(), id.toString(), null));
            return true;
        }
        Job job = found.get();
        // Held while it is sent, and its client may read as slowly as it likes.
        try (RequestMemory.Share share = memory.openForUnfinished()) {
            if (!share.tryTakeInTurn(reads.inTurn(() -> resources.heap(job)))) {
                return false;
            }
            String complete = ServerMessage.complete(id, reads.inTurn(() -> resources.of(job)));
            leave(id);
            Failure failure = job.result().error();
            if (job.course().state() == JobState.FAILED && failure != null) {
                send(ServerMessage.failed(id, failure.message(), failure.code().wire()));
            }
            send(complete);
        }
        return true;
    }

    private void ping() throws IOException {
        long now = System.nanoTime();
        long since = unanswered;
        if (since != 0 && now - since > times.silence().toNanos()) {
            throw new IOException("no answer to pings");
        }
        session.sendMessage(new PingMessage());
        if (since == 0) {
            unanswered = now == 0 ? 1 : now;
        }
    }

    private void send(String message) throws IOException {
        try {
            session.sendMessage(new TextMessage(message));
        } catch (IllegalStateException e) {
            throw new IOException("closed", e);
        }
    }

    private void abandon() {
        try {
            session.close(CloseStatus.SESSION_NOT_RELIABLE);
        } catch (IOException | RuntimeException e) {
            LOG.debug("closing a socket: {}", e.getMessage());
        }
    }
}
