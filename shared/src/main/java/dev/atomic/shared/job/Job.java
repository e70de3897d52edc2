package dev.atomic.shared.job;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A row of the `job` table, the truth about a job.
public record Job(
        UUID id,
        String tenantId,
        String traceId,
        Asked asked,
        Course course,
        Result result,
        Times times) {

    /// What was asked for; it never changes.
    ///
    /// @param retryOf the job this one tries again
    /// @param previousJobId the job this one follows up
    public record Asked(
            Kind kind,
            Priority priority,
            JobInput input,
            int maxAttempts,
            @Nullable UUID retryOf,
            @Nullable UUID previousJobId) {}

    /// Where the job is on its way.
    ///
    /// @param attempt 0 before the first start
    /// @param losses how often its worker was lost
    /// @param fence raised at each claim and each taking back
    /// @param lastSeq the number of its last event
    public record Course(
            JobState state,
            int attempt,
            int losses,
            long fence,
            @Nullable UUID workerId,
            boolean cancelRequested,
            long lastSeq) {}

    /// What came of it so far. Files, the stages' output and what it cost are in [FileStore],
    /// [CheckpointStore] and [UsageStore].
    ///
    /// @param error why it failed; null unless it has
    public record Result(@Nullable Failure error) {}

    /// By the database's clock.
    ///
    /// @param readAt when the row was read
    public record Times(
            Instant createdAt,
            @Nullable Instant startedAt,
            @Nullable Instant deadlineAt,
            @Nullable Instant finishedAt,
            Instant readAt) {}
}
