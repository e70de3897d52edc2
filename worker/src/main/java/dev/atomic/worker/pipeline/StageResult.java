package dev.atomic.worker.pipeline;

import dev.atomic.shared.job.Outcome;

/// Where the pipeline goes from a stage. A value, never an exception.
public sealed interface StageResult {
    /// To the next stage.
    record Continue() implements StageResult {}

    /// Back to the code stage: what it wrote didn't pass.
    record Repair() implements StageResult {}

    /// Out of the pipeline.
    record Stop(Outcome outcome) implements StageResult {}
}
