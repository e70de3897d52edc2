package dev.atomic.worker.claim;

/// Why a claimed job is to stop before its pipeline's end.
public enum StopReason {
    /// The caller cancelled it.
    CANCELLED,
    /// The worker stops: the job goes back.
    SHUTDOWN,
    /// The time from its first start is over.
    DEADLINE,
    /// Another worker has it now: nothing more may be written.
    FENCED,
    /// Its log grew beyond what a job may have.
    TOO_LARGE
}
