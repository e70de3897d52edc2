package dev.atomic.worker.pipeline;

import dev.atomic.shared.job.StageName;

/// One step of the pipeline. A stage that ended in an earlier run of the job continues at once: its
/// checkpoint holds what it gave.
public sealed interface Stage permits ModelStage, VerifyStage {
    StageName name();

    StageResult run(PipelineRun run);
}
