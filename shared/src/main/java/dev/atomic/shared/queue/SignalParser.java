package dev.atomic.shared.queue;

import dev.atomic.shared.job.JobId;
import dev.atomic.shared.queue.Signals.Signal;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/// Reads a payload: ids separated by commas; `*`, or anything unreadable, means everything.
final class SignalParser {
    static final Signal EVERYTHING = new Signal(Set.of(), true);

    private SignalParser() {}

    static Signal parse(String payload) {
        Set<UUID> jobs = new HashSet<>();
        boolean everything = false;
        for (String part : payload.split(",", -1)) {
            if (part.isEmpty()) {
                continue;
            }
            var id = JobId.parse(part);
            if (id.isPresent()) {
                jobs.add(id.get());
            } else {
                everything = true;
            }
        }
        return new Signal(jobs, everything);
    }
}
