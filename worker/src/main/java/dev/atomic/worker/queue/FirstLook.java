package dev.atomic.worker.queue;

import dev.atomic.shared.queue.Signals.Signal;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Whether this worker is the one to look for signalled work first. If all look at once, all but
/// one find nothing and only take the processor from the one that does.
///
/// Every worker works this out from the list of living workers. If they don't agree, or the one
/// whose turn it is has no slot free, nothing is lost: the others look a moment later ([Nudger]).
///
/// Thread-safe if the list's supplier is.
final class FirstLook implements Predicate<Signal> {
    private final UUID worker;
    private final Supplier<List<UUID>> alive;

    /// @param alive the living workers, in an order all share
    FirstLook(UUID worker, Supplier<List<UUID>> alive) {
        this.worker = worker;
        this.alive = alive;
    }

    @Override
    public boolean test(Signal work) {
        List<UUID> workers = alive.get();
        return work.everything()
                || !workers.contains(worker)
                || work.jobs().stream().anyMatch(job -> of(job, workers).equals(worker));
    }

    private static UUID of(UUID job, List<UUID> workers) {
        return workers.get(Math.floorMod(job.hashCode(), workers.size()));
    }
}
