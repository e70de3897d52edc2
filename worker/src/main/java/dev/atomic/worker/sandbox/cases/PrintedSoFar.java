package dev.atomic.worker.sandbox.cases;

import dev.atomic.worker.sandbox.run.RunnerRecord;
import dev.atomic.worker.sandbox.run.RunnerRequest;
import java.util.Arrays;
import java.util.Optional;

/// Holds what all cases of a run print to what one run may: the first MiB of each stream goes on, a
/// thousand cases could print a thousand times as much.
///
/// Used by one thread.
final class PrintedSoFar {
    private final int[] left = {RunnerRequest.KEPT_BYTES, RunnerRequest.KEPT_BYTES};

    /// The part that still goes on.
    Optional<RunnerRecord.Output> within(RunnerRecord.Output output) {
        int stream = output.stream() == 1 ? 0 : 1;
        int count = Math.min(left[stream], output.bytes().length);
        left[stream] -= count;
        return count == 0
                ? Optional.empty()
                : Optional.of(
                        new RunnerRecord.Output(
                                output.step(),
                                output.stream(),
                                Arrays.copyOf(output.bytes(), count)));
    }
}
