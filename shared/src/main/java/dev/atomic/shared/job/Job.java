package dev.atomic.shared.job;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A row of the `job` table, the truth about a job.
///
/// @param attempt 0 before the first start
/// @param fence raised at each claim and each taking back
/// @param losses how often its worker was lost
/// @param lastSeq the number of its last event
/// @param readAt when the row was read, by the database's clock, as all times here are
public record Job(
        UUID id,
        String tenantId,
        String traceId,
        Kind kind,
        JobState state,
        Priority priority,
        JobInput input,
        int attempt,
        int maxAttempts,
        long fence,
        int losses,
        @Nullable UUID workerId,
        boolean cancelRequested,
        long lastSeq,
        @Nullable Failure error,
        Usage usage,
        @Nullable UUID retryOf,
        @Nullable UUID previousJobId,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant deadlineAt,
        @Nullable Instant finishedAt,
        Instant readAt) {}
