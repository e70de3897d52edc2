package dev.atomic.api.succession;

import dev.atomic.api.submission.Submission.Basis;
import dev.atomic.api.submission.Submission.Round;
import dev.atomic.shared.checkpoint.CheckpointStore;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.followup.FollowUp;
import dev.atomic.shared.followup.FollowUpStore;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.upkeep.FinishedJobs;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// What a new job takes over from a finished one, which is only read.
///
/// Takes part in the caller's transaction.
@Component
public final class Succession {
    private final FinishedJobs finished;
    private final CheckpointStore checkpoints;
    private final FileStore files;
    private final FollowUpStore followUps;

    Succession(
            FinishedJobs finished,
            CheckpointStore checkpoints,
            FileStore files,
            FollowUpStore followUps) {
        this.finished = finished;
        this.checkpoints = checkpoints;
        this.files = files;
        this.followUps = followUps;
    }

    /// Keeps the other job from being deleted until this transaction ends.
    ///
    /// @return true if there is no other job, or if it still exists
    public boolean hold(Basis basis) {
        return switch (basis) {
            case Basis.None() -> true;
            case Basis.Retry retry -> finished.hold(retry.of().id());
            case Basis.After after -> finished.hold(after.previous().id());
        };
    }

    /// Copies the rows of a job that is held. The new job's own row comes first.
    public void copy(Basis basis, UUID job) {
        switch (basis) {
            case Basis.None() -> {}
            case Basis.Retry retry -> retry(retry, job);
            case Basis.After(Job previous, FollowUp start) -> {
                files.copyResult(previous.id(), job);
                followUps.put(job, previous.tenantId(), start);
            }
        }
    }

    private void retry(Basis.Retry retry, UUID job) {
        UUID of = retry.of().id();
        for (Round round : retry.kept()) {
            checkpoints.copy(of, job, round.stage(), round.round());
        }
        if (retry.keepsFiles()) {
            files.copyAll(of, job);
        } else {
            files.copyGiven(of, job);
        }
        if (retry.of().asked().previousJobId() != null) {
            followUps.copy(of, job);
        }
    }

    public static @Nullable UUID retryOf(Basis basis) {
        return basis instanceof Basis.Retry retry ? retry.of().id() : null;
    }

    /// A retry of a follow-up follows up the same job.
    public static @Nullable UUID previousJobId(Basis basis) {
        return switch (basis) {
            case Basis.None() -> null;
            case Basis.Retry retry -> retry.of().asked().previousJobId();
            case Basis.After after -> after.previous().id();
        };
    }
}
