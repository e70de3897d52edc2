package dev.atomic.worker.queue;

import dev.atomic.shared.queue.QueueStorage;
import dev.atomic.worker.claim.Claims;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jobrunr.jobs.Job;
import org.jobrunr.server.BackgroundJobServer;
import org.jobrunr.storage.ConcurrentJobModificationException;
import org.jobrunr.storage.StorageException;
import org.jobrunr.storage.navigation.AmountRequest;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/// The storage of the worker's JobRunr server: a claim is our own, in the order of the jobs' rows
/// and in one transaction with them, and deliveries that end together are saved together.
///
/// Thread-safe.
final class ClaimingStorage extends QueueStorage {
    private final Claims claims;
    private final Queue<Ended> ended = new ConcurrentLinkedQueue<>();
    private final ReentrantLock saving = new ReentrantLock();

    private record Ended(Job job, CompletableFuture<Job> saved) {}

    ClaimingStorage(DataSource dataSource, boolean postgres, Claims claims) {
        super(dataSource, postgres);
        this.claims = claims;
    }

    @Override
    public List<Job> getJobsToProcess(BackgroundJobServer server, AmountRequest amount) {
        try {
            Claims.Taken taken = claims.takeNext(amount.getLimit(), server);
            ((JobServer) server).passes().left(taken.more());
            return taken.deliveries();
        } catch (DataAccessException | TransactionException e) {
            throw new StorageException(e);
        }
    }

    /// Stock commits once for each delivery. Here whoever comes while others are being saved goes
    /// with all that came meanwhile: it waits for one commit, or two.
    @Override
    public Job save(Job job) {
        Ended mine = new Ended(job, new CompletableFuture<>());
        ended.add(mine);
        saving.lock();
        try {
            if (!mine.saved().isDone()) {
                saveTogether();
            }
        } finally {
            saving.unlock();
        }
        try {
            return mine.saved().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private void saveTogether() {
        List<Ended> group = new ArrayList<>();
        for (Ended next = ended.poll(); next != null; next = ended.poll()) {
            group.add(next);
        }
        try {
            save(group.stream().map(Ended::job).toList());
            group.forEach(one -> one.saved().complete(one.job()));
        } catch (ConcurrentJobModificationException e) {
            Set<Job> refused = new HashSet<>(e.getConcurrentUpdatedJobs());
            for (Ended one : group) {
                if (refused.contains(one.job())) {
                    one.saved().completeExceptionally(e);
                } else {
                    one.saved().complete(one.job());
                }
            }
        } catch (RuntimeException e) {
            group.forEach(one -> one.saved().completeExceptionally(e));
        }
    }

    /// In one order, so that two who save some of the same rows never wait for each other
    /// crosswise.
    @Override
    public List<Job> save(List<Job> jobs) {
        return super.save(jobs.stream().sorted(Comparator.comparing(Job::getId)).toList());
    }
}
