package dev.atomic.worker.pipeline;

import dev.atomic.shared.checkpoint.StageStatus;
import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.Outcome;
import dev.atomic.shared.job.StageName;
import dev.atomic.worker.claim.StopReason;
import org.jspecify.annotations.Nullable;

/// What a job that was told to stop comes to.
final class Stops {
    private Stops() {}

    /// The outcome for the claim's reason. What a stage had when the job ended in the midst of it
    /// is kept with the job's last event.
    static StageResult result(PipelineRun run, StageName stage, PipelineRun.StageOutput output) {
        @Nullable StopReason reason = run.claim().stopReason();
        switch (reason) {
            case CANCELLED -> run.saveWithJob(stage, StageStatus.CANCELLED, output);
            case DEADLINE, TOO_LARGE -> run.saveWithJob(stage, StageStatus.FAILED, output);
            // Another run of this stage counts what this one streamed.
            case SHUTDOWN, FENCED -> {}
            case null -> {}
        }
        return new StageResult.Stop(outcome(reason, stage));
    }

    private static Outcome outcome(@Nullable StopReason reason, StageName stage) {
        return switch (reason) {
            case null -> new Outcome.Fenced();
            case CANCELLED -> new Outcome.Cancelled();
            case SHUTDOWN -> new Outcome.Interrupted();
            case FENCED -> new Outcome.Fenced();
            case DEADLINE ->
                    new Outcome.Failed(
                            Failure.of(
                                    FailureCode.DEADLINE_EXCEEDED,
                                    "the job ran longer than its timeout_seconds",
                                    stage));
            case TOO_LARGE ->
                    new Outcome.Failed(
                            Failure.of(
                                    FailureCode.JOB_TOO_LARGE,
                                    "the job has more than 20,000 events or 32 MiB of them",
                                    stage));
        };
    }
}
