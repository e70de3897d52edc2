package dev.atomic.api.job;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.springframework.stereotype.Component;

/// Requests that wait for a job's end. There are only so many places in a process; a request that
/// comes when all are taken doesn't wait.
@Component
public final class Waiters {
    private static final int PLACES = 500;

    private final TerminalEvents ends;
    private final Semaphore places = new Semaphore(PLACES);

    Waiters(TerminalEvents ends) {
        this.ends = ends;
    }

    /// Waits at most this long. Afterwards the job's row says how it stands.
    public void await(UUID job, Duration patience) {
        if (patience.isZero() || !places.tryAcquire()) {
            return;
        }
        try {
            // Whether it ended is seen from its row, which has to be read in any case.
            boolean _ = ends.awaitTerminal(job, patience);
        } finally {
            places.release();
        }
    }
}
