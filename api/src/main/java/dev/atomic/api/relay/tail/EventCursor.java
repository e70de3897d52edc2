package dev.atomic.api.relay.tail;

import dev.atomic.shared.event.LoggedEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A place in a job's log, which moves on with what is read. For one thread.
public final class EventCursor implements AutoCloseable {
    private final Source source;
    private final Bell bell;
    private final long live;
    private long seen;

    private boolean ended;

    /// @param live the log's end when it was made
    EventCursor(Source source, long seen, long live, Bell bell) {
        this.source = source;
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
        List<LoggedEvent> next = source.behind(seen, bell);
        if (next == null) {
            ended = true;
            return List.of();
        }
        if (!next.isEmpty()) {
            seen = next.getLast().seq();
            ended = next.getLast().isTerminal();
            source.given(next, live);
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
        return source.contents();
    }

    Bell bell() {
        return bell;
    }

    @Override
    public void close() {
        source.leave(this);
    }

    /// The job's log as the tail has it for a cursor. Thread-safe.
    interface Source {
        /// What comes right after an event.
        ///
        /// @return nothing at the end, and when the database is away: the bell rings when it is
        ///   back; null when the job has been deleted
        @Nullable List<LoggedEvent> behind(long seq, Bell bell);

        /// Events go to a follower; those after `live` were appended since it came.
        void given(List<LoggedEvent> events, long live);

        ContentCache contents();

        /// This cursor needs nothing any more. Has no effect for one that has left already.
        void leave(EventCursor cursor);
    }
}
