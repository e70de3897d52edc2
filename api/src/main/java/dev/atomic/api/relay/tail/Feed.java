package dev.atomic.api.relay.tail;

import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/// A job somebody follows. What all its followers share.
final class Feed {
    final UUID jobId;
    final EventRing ring;
    final ContentCache contents = new ContentCache();

    /// Guarded by the tail's lock.
    final Set<EventCursor> cursors = new HashSet<>();

    Feed(UUID jobId, long lastSeq) {
        this.jobId = jobId;
        this.ring = new EventRing(lastSeq);
    }

    void ring() {
        cursors.forEach(cursor -> cursor.bell().ring());
    }
}
