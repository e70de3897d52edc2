package dev.atomic.api.relay.tail;

import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.event.EventLog.Page;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.stereotype.Component;

/// What followers read from the database for themselves: a few followers at a time, in the order
/// they came.
///
/// Otherwise a thousand clients that come back at once would all want connections of the pool, and
/// submissions would wait for them. Once the database is found to be away, all that wait in line
/// are told so at once, for a second.
///
/// Thread-safe.
@Component
public final class FollowerReads {
    /// A quarter of the pool.
    private static final int AT_ONCE = 4;

    /// Most events of a page, and about the most bytes of them, held while they are sent.
    static final int PAGE = 64;

    static final long PAGE_BYTES = 64 * 1024;

    private static final long AWAY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final EventLog log;
    private final Semaphore turns = new Semaphore(AT_ONCE, true);

    /// When the database was found away; null when it wasn't.
    private volatile @Nullable Long awaySince;

    FollowerReads(EventLog log) {
        this.log = log;
    }

    /// The events after this one, as many as fit into a page.
    ///
    /// @throws DataAccessException when the database is away
    public Page behind(UUID job, long seq) {
        return inTurn(() -> log.read(job, seq, PAGE, PAGE_BYTES));
    }

    /// Does something short that needs the database, when it is the caller's turn.
    ///
    /// @throws DataAccessException when the database is away
    public <T> T inTurn(Supplier<T> reading) {
        turns.acquireUninterruptibly();
        try {
            Long since = awaySince;
            if (since != null && System.nanoTime() - since < AWAY_NANOS) {
                throw new DataAccessResourceFailureException("the database is away");
            }
            return read(reading);
        } finally {
            turns.release();
        }
    }

    private <T> T read(Supplier<T> reading) {
        try {
            T read = reading.get();
            awaySince = null;
            return read;
        } catch (DataAccessException e) {
            awaySince = System.nanoTime();
            throw e;
        }
    }
}
