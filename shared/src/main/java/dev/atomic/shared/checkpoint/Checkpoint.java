package dev.atomic.shared.checkpoint;

import dev.atomic.shared.job.StageName;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One round of a stage: that it began, and, when it ended, what it gave. A job that comes back
/// continues after its last checkpoint and pays no model twice.
///
/// @param round 0, then one more for each repair
/// @param runs how often this round was begun
/// @param promptVersion of the templates that the model was asked with; null for `verify`
/// @param output the model's answer; for `verify` the verdict as JSON; null while it runs
public record Checkpoint(
        UUID jobId,
        String tenantId,
        StageName stage,
        int round,
        StageStatus status,
        int attempt,
        int runs,
        Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable Integer promptVersion,
        @Nullable String output,
        @Nullable String model,
        @Nullable String provider,
        Usage usage) {

    public boolean ended() {
        return finishedAt != null;
    }
}
