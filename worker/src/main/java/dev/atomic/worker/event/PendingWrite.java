package dev.atomic.worker.event;

import dev.atomic.shared.event.JobEvent;
import dev.atomic.worker.claim.Claim;
import dev.atomic.worker.event.EventWriter.RowMove;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Events of one claim that go into the log together, with the change of rows they belong to.
///
/// Not thread-safe: written under the outbox's lock, then read by the flushing thread alone.
final class PendingWrite {
    final Claim claim;
    final List<JobEvent> events = new ArrayList<>();
    final List<Instant> times = new ArrayList<>();

    /// How the job's row moves on; null where only its last number does.
    final @Nullable RowMove move;

    final Consumer<Instant> change;

    /// Whether more streamed text may join it.
    final boolean stream;

    final CompletableFuture<WriteResult> result = new CompletableFuture<>();

    private PendingWrite(
            Claim claim, @Nullable RowMove move, Consumer<Instant> change, boolean stream) {
        this.claim = claim;
        this.move = move;
        this.change = change;
        this.stream = stream;
    }

    static PendingWrite stream(Claim claim) {
        return new PendingWrite(claim, null, _ -> {}, true);
    }

    static PendingWrite change(Claim claim, @Nullable RowMove move, Consumer<Instant> change) {
        return new PendingWrite(claim, move, change, false);
    }

    void add(JobEvent event, Instant at) {
        events.add(event);
        times.add(at);
    }
}
