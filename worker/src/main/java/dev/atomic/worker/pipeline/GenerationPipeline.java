package dev.atomic.worker.pipeline;

import dev.atomic.shared.job.Outcome;
import dev.atomic.shared.job.StageName;
import dev.atomic.worker.claim.Claim;
import dev.atomic.worker.telemetry.WorkerMeters;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.MDC;

/// From a claimed job to its outcome: the stages that were asked for, in order, and back from
/// `verify` to `code` when the code has to be repaired. Start reading here.
///
/// Thread-safe: all state is the run's.
public final class GenerationPipeline {
    private final Map<StageName, Stage> stages;
    private final PipelineRuns runs;
    private final WorkerMeters meters;

    public GenerationPipeline(
            ModelStage spec,
            ModelStage code,
            VerifyStage verify,
            ModelStage docs,
            PipelineRuns runs,
            WorkerMeters meters) {
        this.stages =
                Map.of(
                        StageName.SPEC, spec,
                        StageName.CODE, code,
                        StageName.VERIFY, verify,
                        StageName.DOCS, docs);
        this.runs = runs;
        this.meters = meters;
    }

    /// Runs what is left of the job.
    public Outcome run(Claim claim) {
        PipelineRun run = runs.resume(claim);
        List<StageName> plan = run.plan();
        int next = 0;
        while (next < plan.size()) {
            if (claim.isDraining()) {
                return new Outcome.Interrupted();
            }
            Stage stage = Objects.requireNonNull(stages.get(plan.get(next)));
            switch (measured(stage, run)) {
                case StageResult.Continue() -> next++;
                case StageResult.Repair() -> next = plan.indexOf(StageName.CODE);
                case StageResult.Stop(Outcome outcome) -> {
                    return outcome;
                }
            }
        }
        return new Outcome.Succeeded();
    }

    private StageResult measured(Stage stage, PipelineRun run) {
        if (run.ended(stage.name()).isPresent()) {
            return stage.run(run);
        }
        long began = System.nanoTime();
        try (var _ = MDC.putCloseable("stage", stage.name().wire())) {
            StageResult result = stage.run(run);
            meters.stageEnded(stage.name(), outcome(result), began);
            return result;
        }
    }

    /// As [dev.atomic.shared.telemetry.Tag#OUTCOME] has it.
    private static String outcome(StageResult result) {
        return switch (result) {
            case StageResult.Continue() -> "succeeded";
            case StageResult.Repair() -> "repair";
            case StageResult.Stop(Outcome outcome) ->
                    switch (outcome) {
                        case Outcome.Succeeded() -> "succeeded";
                        case Outcome.Failed _ -> "failed";
                        case Outcome.Retry _ -> "retry";
                        case Outcome.Cancelled() -> "cancelled";
                        case Outcome.Interrupted() -> "interrupted";
                        case Outcome.Fenced() -> "fenced";
                    };
        };
    }
}
