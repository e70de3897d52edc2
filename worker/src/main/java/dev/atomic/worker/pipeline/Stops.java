package dev.atomic.worker.pipeline;

import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.Outcome;
import dev.atomic.shared.job.StageName;
import dev.atomic.worker.claim.Claim;
import dev.atomic.worker.claim.StopReason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a job that was told to stop comes to.
final class Stops {
    private Stops() {}

    /// The outcome for the claim's reason; what a cancelled stage had streamed is kept with its
    /// last event.
    static StageResult result(PipelineRun run, StageName stage, ModelStage.PartialAnswer partial) {
        @Nullable StopReason reason = run.claim().stopReason();
        if (reason == StopReason.CANCELLED && !partial.isEmpty()) {
            run.claim()
                    .ending(
                            new Claim.Ending(
                                    List.of(),
                                    at ->
                                            run.saveCancelled(
                                                    stage,
                                                    at,
                                                    new PipelineRun.StageOutput(
                                                            partial.text(),
                                                            null,
                                                            null,
                                                            partial.usage()))));
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
