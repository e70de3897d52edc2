package dev.atomic.api.job;

import java.time.Duration;
import java.util.UUID;

/// Waits for the end of jobs.
public interface TerminalEvents {
    /// Waits until the job's terminal event is in the log, at most this long. A job that has ended
    /// already is not waited for.
    ///
    /// @return whether it has ended; false too when the process is stopping or there is no such job
    boolean awaitTerminal(UUID jobId, Duration timeout);
}
