package dev.atomic.worker.queue;

import dev.atomic.shared.queue.Signals.Signal;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// When this worker is to look for signalled work. If all look at once, all but one find nothing
/// and only take the processor from the one that does.
///
/// For each job one worker looks at once and the next few a moment later, so that they take what it
/// doesn't. Any others don't look at all: with a thousand workers each job would cost a thousand
/// looks. If none of those few has a slot free, the next heartbeat of any worker finds the job.
///
/// Every worker works this out from the list of living workers. If they don't agree, nothing is
/// lost.
///
/// Thread-safe if the list's supplier is.
final class FirstLook {
    /// Longer than a claim takes (3 to 4 ms), and the most that a full worker costs a job.
    static final long LATER_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /// How many look for a job.
    static final int LOOKING = 8;

    private final UUID worker;
    private final Supplier<List<UUID>> alive;

    /// @param alive the living workers, in an order all share
    FirstLook(UUID worker, Supplier<List<UUID>> alive) {
        this.worker = worker;
        this.alive = alive;
    }

    /// @return how long after the signal; empty for not at all
    OptionalLong delayNanos(Signal work) {
        List<UUID> workers = alive.get();
        int here = workers.indexOf(worker);
        if (work.everything() || here < 0) {
            return OptionalLong.of(0);
        }
        int place =
                work.jobs().stream()
                        .mapToInt(job -> place(job, here, workers.size()))
                        .min()
                        .orElse(0);
        return place == 0
                ? OptionalLong.of(0)
                : place < LOOKING ? OptionalLong.of(LATER_NANOS) : OptionalLong.empty();
    }

    /// How many look before the worker at `here`.
    private static int place(UUID job, int here, int workers) {
        return Math.floorMod(here - Math.floorMod(job.hashCode(), workers), workers);
    }
}
