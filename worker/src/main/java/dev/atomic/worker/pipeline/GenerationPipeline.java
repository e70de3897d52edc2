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
            Claim claim = run.claim();
            StageResult result =
                    claim.within(
                            claim.span().part(stage.name().wire()),
                            span -> {
                                span.set("atomic.stage.round", run.roundOf(stage.name()));
                                StageResult came = stage.run(run);
                                Spans.outcome(span, came);
                                return came;
                            });
            meters.stageEnded(stage.name(), Spans.word(result), began);
            return result;
        }
    }
}
