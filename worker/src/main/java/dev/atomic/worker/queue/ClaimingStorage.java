package dev.atomic.worker.queue;

import dev.atomic.db.Dialect;
import dev.atomic.shared.queue.QueueStorage;
import dev.atomic.worker.claim.Claims;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.jobrunr.jobs.Job;
import org.jobrunr.jobs.states.StateName;
import org.jobrunr.server.BackgroundJobServer;
import org.jobrunr.storage.ConcurrentJobModificationException;
import org.jobrunr.storage.StorageException;
import org.jobrunr.storage.navigation.AmountRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/// The storage of the worker's JobRunr server: a claim is our own, in the order of the jobs' rows
/// and in one transaction with them, and deliveries that are done are saved together, a moment
/// later.
///
/// Thread-safe.
final class ClaimingStorage extends QueueStorage {
    private static final Logger LOG = LoggerFactory.getLogger(ClaimingStorage.class);

    /// How long done deliveries gather. Stock JobRunr commits once for each, although the job's own
    /// row already says how it ended.
    private static final long GATHER_MS = 50;

    private final Claims claims;
    private final Passes passes;
    private final ScheduledExecutorService timer;
    private final Queue<Job> done = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();

    ClaimingStorage(
            DataSource dataSource,
            Dialect dialect,
            Claims claims,
            Passes passes,
            ScheduledExecutorService timer) {
        super(dataSource, dialect);
        this.claims = claims;
        this.passes = passes;
        this.timer = timer;
    }

    @Override
    public List<Job> getJobsToProcess(BackgroundJobServer server, AmountRequest amount) {
        try {
            List<Job> deliveries = new ArrayList<>();
            Claims.Taken taken =
                    claims.takeNext(
                            amount.getLimit(),
                            offered -> deliveries.addAll(process(offered, server)));
            passes.left(taken.more());
            return deliveries;
        } catch (DataAccessException | TransactionException e) {
            throw new StorageException(e);
        }
    }

    @Override
    public Job save(Job job) {
        if (job.getState() != StateName.SUCCEEDED) {
            return super.save(job);
        }
        done.add(job);
        saveSoon();
        return job;
    }

    private void saveSoon() {
        if (scheduled.compareAndSet(false, true)) {
            try {
                var _ = timer.schedule(this::saveDone, GATHER_MS, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                LOG.debug("the worker is stopping; finished deliveries are saved at its end");
            }
        }
    }

    /// Saves what is done now. What can't be saved because the database is away is saved later;
    /// what never is, because the worker dies, is cleaned up as any delivery of a dead server.
    void saveDone() {
        scheduled.set(false);
        List<Job> group = new ArrayList<>();
        for (Job next = done.poll(); next != null; next = done.poll()) {
            group.add(next);
        }
        try {
            save(group);
        } catch (ConcurrentJobModificationException e) {
            // JobRunr commits the others of the group before it throws.
            LOG.debug("deliveries were changed by others: {}", e.getMessage());
        } catch (StorageException e) {
            LOG.debug("finished deliveries are saved later: {}", e.getMessage());
            done.addAll(group);
            saveSoon();
        }
    }

    /// None of ours recur or are scheduled by JobRunr, which would look for them at each poll.
    @Override
    public boolean recurringJobsUpdated(Long hash) {
        return false;
    }

    @Override
    public List<Job> getScheduledJobs(Instant before, AmountRequest amount) {
        return List.of();
    }

    /// Always in the same order, so two savers of the same rows can't deadlock.
    @Override
    public List<Job> save(List<Job> jobs) {
        return super.save(jobs.stream().sorted(Comparator.comparing(Job::getId)).toList());
    }
}
