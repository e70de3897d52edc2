package dev.atomic.worker.sandbox.verdict;

import dev.atomic.worker.sandbox.run.RunnerRecord;
import java.util.Map;

/// A dialogue that a verdict follows from.
public interface RunDialogue extends Dialogue {
    /// @param end the runner's own, or what stands for it when the run was ended from outside
    SandboxResult result(RunnerRecord.Ended end, Circumstances how);

    /// @param durationMs from asked to the program's end known
    /// @param imageId the engine's id of the image
    record Circumstances(long durationMs, String imageId, Map<String, String> isolation) {}
}
