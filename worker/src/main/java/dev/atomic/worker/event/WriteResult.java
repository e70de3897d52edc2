package dev.atomic.worker.event;

/// What became of a write.
public enum WriteResult {
    /// It is committed.
    WRITTEN,
    /// The claim is lost: nothing of it was written and nothing will be.
    FENCED,
    /// The claim holds, but the job's row didn't allow this change (a cancelled job can only end
    /// so).
    REFUSED
}
