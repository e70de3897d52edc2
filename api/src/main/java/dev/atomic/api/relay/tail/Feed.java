package dev.atomic.api.relay.tail;

import dev.atomic.shared.event.LoggedEvent;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A job somebody follows. What all its followers share.
final class Feed {
    final UUID jobId;
    final EventRing ring;
    final ContentCache contents = new ContentCache();

    /// Guarded by the tail's lock.
    final Set<EventCursor> cursors = new HashSet<>();

    private final FollowerReads reads;

    Feed(UUID jobId, long lastSeq, FollowerReads reads) {
        this.jobId = jobId;
        this.reads = reads;
        this.ring = new EventRing(lastSeq);
    }

    /// What comes right after an event, from the ring or the log, on the follower's own thread.
    ///
    /// @return nothing at the end; null when the job has been deleted
    /// @throws org.springframework.dao.DataAccessException when the database is away
    @Nullable List<LoggedEvent> behind(long seq) {
        List<LoggedEvent> next = ring.behind(seq, FollowerReads.PAGE, FollowerReads.PAGE_BYTES);
        if (next != null) {
            return next;
        }
        next = reads.behind(jobId, seq).events();
        return next.isEmpty() ? null : next;
    }

    void ring() {
        cursors.forEach(cursor -> cursor.bell().ring());
    }
}
