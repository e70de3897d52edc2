package dev.atomic.api.relay.socket;

import dev.atomic.api.relay.tail.Bell;
import dev.atomic.api.relay.tail.EventCursor;
import dev.atomic.api.relay.tail.EventTail;
import dev.atomic.api.relay.tail.FollowerReads;
import dev.atomic.shared.event.LoggedEvent;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;

/// One job followed on a socket. For the socket's writer alone.
final class SocketSubscription implements AutoCloseable {
    private final EventTail tail;
    private final FollowerReads reads;
    private final Bell bell;
    private final UUID job;
    private final boolean accumulate;
    private long sent;
    private EventCursor cursor;
    private @Nullable ChunkContent content;
    private boolean ended;

    /// @param over whether the log had ended when `lastSeq` was read
    SocketSubscription(
            EventTail tail,
            FollowerReads reads,
            Bell bell,
            UUID job,
            long after,
            long lastSeq,
            boolean over,
            boolean accumulate) {
        this.tail = tail;
        this.reads = reads;
        this.bell = bell;
        this.job = job;
        this.accumulate = accumulate;
        this.sent = Math.min(after, lastSeq);
        this.cursor = tail.follow(job, sent, lastSeq, bell);
        this.content = accumulate ? new ChunkContent(reads, job, cursor.contents()) : null;
        this.ended = over && sent == lastSeq;
    }

    UUID job() {
        return job;
    }

    /// Sends what there is, a page at most.
    ///
    /// @return whether there was anything
    /// @throws DataAccessException when the database is away; what was not sent is sent next time
    boolean relay(Sink sink) throws IOException {
        if (ended) {
            return false;
        }
        List<LoggedEvent> events = cursor.poll();
        ended = cursor.isEnded();
        try {
            for (LoggedEvent event : events) {
                sink.send(content == null ? event.wire() : content.message(event));
                sent = event.seq();
            }
        } catch (DataAccessException e) {
            goBack();
            throw e;
        }
        return !events.isEmpty();
    }

    /// The cursor is past what could not be sent.
    private void goBack() {
        cursor.close();
        cursor = tail.follow(job, sent, sent, bell);
        content = accumulate ? new ChunkContent(reads, job, cursor.contents()) : null;
        ended = false;
    }

    /// Whether all was sent: what is left to send is the job itself.
    boolean isEnded() {
        return ended;
    }

    @Override
    public void close() {
        cursor.close();
    }

    /// Where messages go.
    @FunctionalInterface
    interface Sink {
        void send(String message) throws IOException;
    }
}
