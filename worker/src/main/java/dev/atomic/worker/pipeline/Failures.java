package dev.atomic.worker.pipeline;

import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.Outcome;

/// Exceptions that reached the pipeline's edge, classified in one place: they are bugs of ours, so
/// the job is not tried again and the client learns no more than that.
final class Failures {
    private Failures() {}

    static Outcome unexpected(RuntimeException e) {
        return new Outcome.Failed(
                Failure.of(
                        FailureCode.INTERNAL,
                        "the worker failed unexpectedly (" + e.getClass().getSimpleName() + ")",
                        null));
    }
}
