package dev.atomic.api.mcp;

import dev.atomic.api.relay.tail.Bell;
import dev.atomic.api.relay.tail.EventCursor;
import dev.atomic.api.relay.tail.EventTail;
import dev.atomic.api.tenant.Caller;
import dev.atomic.api.tenant.JobFinder;
import dev.atomic.api.verdict.Verdicts;
import dev.atomic.shared.Json;
import dev.atomic.shared.event.LoggedEvent;
import dev.atomic.shared.job.JobHead;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/// Follows a job for a call, and tells its client how far it is.
///
/// Thread-safe.
@Component
final class JobWait {
    private static final long ALIVE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final EventTail tail;
    private final JobFinder jobs;

    JobWait(EventTail tail, JobFinder jobs) {
        this.tail = tail;
        this.jobs = jobs;
    }

    /// Returns when the job has ended, or after this long.
    ///
    /// @throws IOException when the client is gone
    void until(Caller caller, UUID id, Duration patience, Reply reply)
            throws IOException, InterruptedException {
        JobHead job = jobs.head(caller.tenant(), id);
        if (patience.isZero() || job.course().state().isTerminal()) {
            return;
        }
        long now = System.nanoTime();
        long deadline = now + patience.toNanos();
        long aliveDue = now + ALIVE_NANOS;
        Bell bell = new Bell();
        long lastSeq = job.course().lastSeq();
        // Without anyone to tell of it, what has happened until now needn't be read.
        long after = reply.tellsProgress() ? 0 : lastSeq;
        try (EventCursor cursor = tail.follow(id, after, lastSeq, bell)) {
            while (!cursor.isEnded() && !tail.isStopping()) {
                var events = cursor.poll();
                for (LoggedEvent event : events) {
                    String step = step(event);
                    if (step != null) {
                        reply.progress(step);
                    }
                }
                now = System.nanoTime();
                if (now >= deadline) {
                    return;
                }
                if (now >= aliveDue) {
                    reply.alive();
                    aliveDue = now + ALIVE_NANOS;
                }
                if (events.isEmpty() && !cursor.isEnded()) {
                    bell.await(Math.min(deadline, aliveDue) - now);
                }
            }
        }
    }

    /// What is worth telling: stages, rounds, verdicts.
    private static @Nullable String step(LoggedEvent event) {
        return switch (event.type()) {
            case "queued", "started", "judging" -> event.type();
            case "retrying" -> "trying again: " + fields(event).path("reason").asString("");
            case "stage_started" -> {
                JsonNode fields = fields(event);
                int round = fields.path("round").asInt(0);
                String stage = fields.path("stage").asString("");
                yield round == 0 ? stage : stage + ", round " + round;
            }
            case "verification" -> Verdicts.words(fields(event));
            default -> null;
        };
    }

    private static JsonNode fields(LoggedEvent event) {
        return Json.STORED.readTree(event.payload());
    }
}
