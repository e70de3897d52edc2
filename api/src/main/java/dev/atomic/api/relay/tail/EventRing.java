package dev.atomic.api.relay.tail;

import dev.atomic.shared.event.LoggedEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The newest events of a log, without a gap, in bounded memory. What was pushed out is still in
/// the log: a ring may be small, even empty, and nothing is lost by it.
///
/// Thread-safe.
final class EventRing {
    private final TreeMap<Long, LoggedEvent> events = new TreeMap<>();
    private long bytes;
    private long head;

    /// @param head the number of the log's last event that is known
    EventRing(long head) {
        this.head = head;
    }

    synchronized long head() {
        return head;
    }

    /// What comes right after an event.
    ///
    /// @return nothing at the end; null when it is in the log only
    synchronized @Nullable List<LoggedEvent> behind(long seq, int limit, long maxBytes) {
        if (seq >= head) {
            return List.of();
        }
        if (events.isEmpty() || events.firstKey() > seq + 1) {
            return null;
        }
        return cut(events.tailMap(seq, false).values(), limit, maxBytes);
    }

    /// The first of them, as many as fit; one in any case.
    static List<LoggedEvent> cut(Collection<LoggedEvent> events, int limit, long maxBytes) {
        List<LoggedEvent> fitting = new ArrayList<>();
        long room = maxBytes;
        for (LoggedEvent event : events) {
            room -= size(event);
            if (!fitting.isEmpty() && (room < 0 || fitting.size() == limit)) {
                break;
            }
            fitting.add(event);
        }
        return List.copyOf(fitting);
    }

    /// @param fresh what the log has right after [#head()]
    /// @param room bytes to be kept at most
    synchronized void append(List<LoggedEvent> fresh, long room) {
        for (LoggedEvent event : fresh) {
            events.put(event.seq(), event);
            bytes += size(event);
            head = event.seq();
        }
        while (bytes > room) {
            bytes -= size(events.pollFirstEntry().getValue());
        }
    }

    private static long size(LoggedEvent event) {
        return event.payload().length() * 2L + 200;
    }
}
