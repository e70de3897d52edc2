package dev.atomic.worker.event;

import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.transition.Transition;
import dev.atomic.shared.transition.Transitions.Told;
import dev.atomic.worker.claim.Claim;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// Events of one claim that go into the log together, with the change of rows they belong to.
///
/// Not thread-safe: written under the outbox's lock, then read by the flushing thread alone.
final class PendingWrite {
    final Claim claim;
    final List<Told> told = new ArrayList<>();

    final Transition transition;

    final Consumer<Instant> change;

    /// Whether more streamed text may join it.
    final boolean stream;

    final CompletableFuture<WriteResult> result = new CompletableFuture<>();

    private PendingWrite(
            Claim claim, Transition transition, Consumer<Instant> change, boolean stream) {
        this.claim = claim;
        this.transition = transition;
        this.change = change;
        this.stream = stream;
    }

    static PendingWrite stream(Claim claim) {
        return new PendingWrite(claim, new Transition.Advance(), _ -> {}, true);
    }

    static PendingWrite change(Claim claim, Transition transition, Consumer<Instant> change) {
        return new PendingWrite(claim, transition, change, false);
    }

    void add(JobEvent event, Instant at) {
        told.add(new Told(event, at));
    }
}
