package dev.atomic.shared.job;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How one run of a job by a worker ended. A value, not an exception.
public sealed interface Outcome {
    record Succeeded() implements Outcome {}

    record Failed(Failure failure) implements Outcome {}

    record Cancelled() implements Outcome {}

    /// The attempt failed with what another may mend.
    ///
    /// @param after the provider's own delay; null for ours
    record Retry(Failure failure, @Nullable Duration after) implements Outcome {}

    /// The worker stops: the job goes back and no attempt is used up.
    record Interrupted() implements Outcome {}

    /// The claim was lost to another worker: nothing more may be written.
    record Fenced() implements Outcome {}
}
