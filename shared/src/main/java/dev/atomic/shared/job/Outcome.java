package dev.atomic.shared.job;

import java.time.Duration;

/// How one run of a job by a worker ended. A value, not an exception.
public sealed interface Outcome {
    record Succeeded() implements Outcome {}

    record Failed(Failure failure) implements Outcome {}

    record Cancelled() implements Outcome {}

    /// The attempt failed in a way that another may not, and there is an attempt and time left for
    /// it.
    ///
    /// @param after how long the next attempt waits
    record Retry(Failure failure, Duration after) implements Outcome {}

    /// The worker stops: the job goes back and no attempt is used up.
    record Interrupted() implements Outcome {}

    /// The claim was lost to another worker: nothing more may be written.
    record Fenced() implements Outcome {}
}
