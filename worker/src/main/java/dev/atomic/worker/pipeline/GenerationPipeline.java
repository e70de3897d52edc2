package dev.atomic.worker.pipeline;

import dev.atomic.shared.job.Outcome;
import dev.atomic.shared.job.StageName;
import dev.atomic.worker.claim.Claim;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// From a claimed job to its outcome: the stages that were asked for, in order, and back from
/// `verify` to `code` when the code has to be repaired. Start reading here.
///
/// Thread-safe: all state is the run's.
public final class GenerationPipeline {
    private final Map<StageName, Stage> stages;
    private final PipelineRuns runs;

    public GenerationPipeline(
            ModelStage spec,
            ModelStage code,
            VerifyStage verify,
            ModelStage docs,
            PipelineRuns runs) {
        this.stages =
                Map.of(
                        StageName.SPEC, spec,
                        StageName.CODE, code,
                        StageName.VERIFY, verify,
                        StageName.DOCS, docs);
        this.runs = runs;
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
            switch (stage.run(run)) {
                case StageResult.Continue() -> next++;
                case StageResult.Repair() -> next = plan.indexOf(StageName.CODE);
                case StageResult.Stop(Outcome outcome) -> {
                    return outcome;
                }
            }
        }
        return new Outcome.Succeeded();
    }
}
