package dev.atomic.worker.sandbox.verdict;

import dev.atomic.worker.sandbox.run.RunnerRecord;
import java.util.List;
import java.util.Map;

/// What is said with the runner of one container from the request to the verdict.
///
/// Used by one thread.
public interface Dialogue {
    /// The request, in parts that are sent in this order.
    List<byte[]> request();

    /// Takes what the runner says.
    ///
    /// @return what is sent in answer, mostly nothing
    /// @throws IllegalArgumentException for what the runner can't have said here
    List<byte[]> take(RunnerRecord said);

    /// Whether the runner has said all.
    boolean isComplete();

    /// What follows from it.
    ///
    /// @param end the runner's own, or what stands for it when the run was ended from outside
    SandboxResult result(RunnerRecord.Ended end, Circumstances how);

    /// @param durationMs from asked to the program's end known
    /// @param imageId the engine's id of the image
    record Circumstances(long durationMs, String imageId, Map<String, String> isolation) {}
}
