package dev.atomic.worker.maintenance;

import dev.atomic.shared.event.LogPacker;
import dev.atomic.shared.upkeep.MaintenanceTurns;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/// Packs the long logs of jobs that ended a while ago. One worker at a time does it, in passes
/// bounded in time, each log in a short transaction of its own, so nothing waits for it.
///
/// Not thread-safe: one timer's thread.
public final class LogPacking {
    private static final Logger LOG = LoggerFactory.getLogger(LogPacking.class);

    private static final String TURN = "packing";

    /// A pass begins this often over all workers.
    static final Duration EVERY = Duration.ofSeconds(10);

    /// A pass takes no longer than this, so that two never run at once.
    static final Duration MAX_DURATION = Duration.ofSeconds(5);

    /// How long a log is left as it is once it has ended: those who watched it read its end, and a
    /// burst of jobs has passed.
    static final Duration LEFT_ALONE = Duration.ofSeconds(60);

    private static final int PAGE = 100;

    private final MaintenanceTurns turns;
    private final LogPacker packer;
    private final TransactionTemplate transactions;
    private final LongSupplier nanos;

    /// @param nanos passes as [System#nanoTime()] does
    public LogPacking(
            MaintenanceTurns turns,
            LogPacker packer,
            TransactionTemplate transactions,
            LongSupplier nanos) {
        this.turns = turns;
        this.packer = packer;
        this.transactions = transactions;
        this.nanos = nanos;
    }

    public void start(Upkeep upkeep) {
        upkeep.add(TURN, this::run);
    }

    private void run() {
        try {
            pass();
        } catch (DataAccessException | TransactionException e) {
            LOG.warn(
                    "finished logs will be packed later, the database is away: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("packing finished logs failed unexpectedly", e);
        }
    }

    /// One pass, if it is this worker's turn.
    void pass() {
        if (!turns.take(TURN, EVERY)) {
            return;
        }
        long until = nanos.getAsLong() + MAX_DURATION.toNanos();
        int packed = 0;
        @Nullable UUID last = null;
        List<UUID> ended;
        do {
            ended = packer.ended(LEFT_ALONE, last, PAGE);
            for (UUID job : ended) {
                if (nanos.getAsLong() >= until) {
                    break;
                }
                packed += pack(job) ? 1 : 0;
                last = job;
            }
        } while (ended.size() == PAGE && nanos.getAsLong() < until);
        if (packed > 0) {
            LOG.debug("packed the logs of {} finished jobs", packed);
        }
    }

    /// A log that can't be packed stays as it is, and the others don't wait for it.
    private boolean pack(UUID job) {
        try {
            return Boolean.TRUE.equals(transactions.execute(_ -> packer.pack(job)));
        } catch (IllegalStateException e) {
            LOG.error("the log of job {} can't be packed and stays as it is", job, e);
            return false;
        }
    }
}
