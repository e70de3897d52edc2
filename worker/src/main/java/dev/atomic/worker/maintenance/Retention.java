package dev.atomic.worker.maintenance;

import dev.atomic.shared.file.FileContents;
import dev.atomic.shared.upkeep.FinishedJobs;
import dev.atomic.shared.upkeep.MaintenanceTurns;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/// Deletes jobs that finished long ago with all that belongs to them, and the contents of files
/// that no job has any more. One worker at a time does it, in passes bounded in time, each job and
/// each content in a short transaction of its own, so nothing waits for it.
///
/// Not thread-safe: one timer's thread.
public final class Retention {
    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

    private static final String TURN = "retention";

    /// A pass begins this often over all workers.
    static final Duration EVERY = Duration.ofSeconds(60);

    /// A pass takes no longer than this: well within [#EVERY], so that two never run at once.
    static final Duration MAX_DURATION = Duration.ofSeconds(20);

    private static final int PAGE = 100;

    private final MaintenanceTurns turns;
    private final FinishedJobs finished;
    private final FileContents contents;
    private final TransactionTemplate transactions;
    private final Duration age;
    private final LongSupplier nanos;

    /// @param age jobs that finished longer ago go
    /// @param nanos passes as [System#nanoTime()] does
    public Retention(
            MaintenanceTurns turns,
            FinishedJobs finished,
            FileContents contents,
            TransactionTemplate transactions,
            Duration age,
            LongSupplier nanos) {
        this.turns = turns;
        this.finished = finished;
        this.contents = contents;
        this.transactions = transactions;
        this.age = age;
        this.nanos = nanos;
    }

    public void start(Upkeep upkeep) {
        upkeep.add(TURN, this::run);
    }

    private void run() {
        try {
            pass();
        } catch (DataAccessException | TransactionException e) {
            LOG.warn("old jobs will be deleted later, the database is away: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("deleting old jobs failed unexpectedly", e);
        }
    }

    /// One pass, if it is this worker's turn. Jobs first: what they release is looked at in a later
    /// one.
    void pass() {
        if (!turns.take(TURN, EVERY)) {
            return;
        }
        long until = nanos.getAsLong() + MAX_DURATION.toNanos();
        int jobs = 0;
        int swept = 0;
        List<UUID> expired;
        do {
            expired = finished.expired(age, PAGE);
            jobs += each(expired, finished::delete, until);
        } while (expired.size() == PAGE && nanos.getAsLong() < until);
        List<FileContents.Released> released;
        do {
            released = contents.released(FileContents.UNTOUCHED, PAGE);
            swept += each(released, contents::sweep, until);
        } while (released.size() == PAGE && nanos.getAsLong() < until);
        if (jobs + swept > 0) {
            LOG.info(
                    "deleted {} jobs that finished more than {} days ago, and {} file contents that no job has any more",
                    jobs,
                    age.toDays(),
                    swept);
        }
    }

    /// @return how many were deleted until the time was over
    private <T> int each(List<T> all, Predicate<T> delete, long until) {
        int deleted = 0;
        for (T one : all) {
            if (nanos.getAsLong() >= until) {
                break;
            }
            boolean done = Boolean.TRUE.equals(transactions.execute(_ -> delete.test(one)));
            deleted += done ? 1 : 0;
        }
        return deleted;
    }
}
