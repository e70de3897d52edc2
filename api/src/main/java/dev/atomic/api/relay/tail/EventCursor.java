package dev.atomic.api.relay.tail;

import dev.atomic.shared.event.LoggedEvent;
import java.util.List;

/// A place in a job's log, which moves on with what is read. For one thread.
public final class EventCursor implements AutoCloseable {
    private final EventTail tail;
    private final Feed feed;
    private final Bell bell;
    private final long live;
    private long seen;

    private boolean ended;

    /// @param live the log's end when it was made
    EventCursor(EventTail tail, Feed feed, long seen, long live, Bell bell) {
        this.tail = tail;
        this.feed = feed;
        this.seen = seen;
        this.live = live;
        this.bell = bell;
    }

    /// The next events in order, at most a page. None when there are none yet or the database is
    /// away: wait for the bell and ask again.
    public List<LoggedEvent> poll() {
        if (ended) {
            return List.of();
        }
        List<LoggedEvent> next = tail.behind(feed, seen, bell);
        if (next == null) {
            ended = true;
            return List.of();
        }
        if (!next.isEmpty()) {
            seen = next.getLast().seq();
            ended = next.getLast().isTerminal();
            tail.given(next, live);
        }
        return next;
    }

    /// The number of the last event that was given.
    public long seen() {
        return seen;
    }

    /// Whether nothing will come any more: the terminal event was given, or the job is gone.
    public boolean isEnded() {
        return ended;
    }

    /// What all who follow the job share of its content.
    public ContentCache contents() {
        return feed.contents;
    }

    Bell bell() {
        return bell;
    }

    @Override
    public void close() {
        tail.leave(feed, this);
    }
}
