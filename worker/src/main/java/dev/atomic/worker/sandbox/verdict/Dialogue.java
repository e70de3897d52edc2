package dev.atomic.worker.sandbox.verdict;

import dev.atomic.worker.sandbox.run.RunnerRecord;
import java.util.List;

/// A conversation with the runner of one container, from the request until the runner has said all.
///
/// Used by one thread.
public interface Dialogue {
    /// The request, in parts that are sent in this order.
    List<byte[]> request();

    /// Takes what the runner says.
    ///
    /// @return what to send in answer, usually nothing
    /// @throws IllegalArgumentException for what the runner can't have said here
    List<byte[]> take(RunnerRecord said);

    /// Whether the runner has said all.
    boolean isComplete();
}
