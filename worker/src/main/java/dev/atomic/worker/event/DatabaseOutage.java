package dev.atomic.worker.event;

import dev.atomic.shared.DeadConnections;
import dev.atomic.worker.claim.Claim;
import dev.atomic.worker.claim.StopReason;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.NonTransientDataAccessException;
import org.springframework.dao.NonTransientDataAccessResourceException;
import org.springframework.transaction.TransactionException;

/// A database that is away doesn't end a job under way. [EventWriter] holds its writes until the
/// database is back, and its reads wait here.
public final class DatabaseOutage {
    private static final Logger LOG = LoggerFactory.getLogger(DatabaseOutage.class);

    private static final long FIRST_PAUSE_MS = 50;
    private static final long MAX_PAUSE_MS = 1_000;

    private DatabaseOutage() {}

    /// Whether the same may succeed later. A lost connection is, to Spring, not transient.
    public static boolean mayEnd(RuntimeException e) {
        return switch (e) {
            case NonTransientDataAccessResourceException _ -> true;
            case NonTransientDataAccessException other ->
                    DeadConnections.isCauseOf(other.getCause());
            case DataAccessException _, TransactionException _ -> true;
            default -> false;
        };
    }

    static long nextPause(long pauseMs) {
        return pauseMs == 0 ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, MAX_PAUSE_MS);
    }

    /// Reads, again and again while the database is away. A cancel or a deadline waits as long: how
    /// the job ends can't be written before either.
    ///
    /// @throws RuntimeException what the read threw, if it wasn't for the database; or if it was
    ///   and the thread was interrupted, and then the claim is stopped for [StopReason#SHUTDOWN]
    public static <T> T outlast(Claim claim, Supplier<T> read) {
        long pauseMs = 0;
        while (true) {
            try {
                return read.get();
            } catch (RuntimeException e) {
                if (!mayEnd(e)) {
                    throw e;
                }
                LOG.warn("the database is away, a read waits: {}", e.getMessage());
                pauseMs = nextPause(pauseMs);
                if (!slept(pauseMs)) {
                    claim.stop(StopReason.SHUTDOWN);
                    throw e;
                }
            }
        }
    }

    private static boolean slept(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
