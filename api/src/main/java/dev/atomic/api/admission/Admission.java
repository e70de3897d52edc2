package dev.atomic.api.admission;

import dev.atomic.api.admission.AdmissionGate.Decision;
import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.problem.DatabaseAway;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.submission.Submission;
import dev.atomic.api.submission.Submitted;
import dev.atomic.shared.PatientPool;
import dev.atomic.shared.group.Arrivals;
import dev.atomic.shared.group.GroupCommit;
import dev.atomic.shared.group.GroupFlush;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/// Admits in groups ([GroupCommit]): what arrives while one commits goes together in the next.
///
/// The gate's row is locked until a commit is on disk, which would bound admissions by commits a
/// second; this way it bounds only groups.
///
/// Thread-safe.
@Component
final class Admission implements DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);

    /// Most requests in one transaction.
    private static final int GROUP = 64;

    /// Bytes of heap above which a group is closed.
    private static final long GROUP_BYTES = 16 << 20;

    /// How long a request waits until it looks whether the database is silent.
    private static final Duration TURN = Duration.ofMillis(500);

    /// The longest wait at a database that answers and is busy.
    private static final Duration MAX_WAIT = Duration.ofSeconds(20);

    /// How often a group is tried again while the database answers: its lock, or an answer on its
    /// connection, came too late. A process that is stopped while it holds the gate's lock is cut
    /// off after ten seconds ([dev.atomic.shared.DatabasePatience]), and a lock is waited for for
    /// two.
    private static final int REPEATS = 6;

    /// The longest wait for the group under way when the api stops.
    private static final Duration LAST_GROUP = Duration.ofSeconds(2);

    /// How long nothing arrives until there is nothing else to do.
    private static final Duration IDLE = Duration.ofMillis(250);

    /// How often keys whose time is over are deleted, when there is nothing else to do.
    private static final Duration PURGE = Duration.ofMinutes(10);

    private final AdmissionGate gate;
    private final PatientPool pool;
    private final RequestMemory memory;
    private final Arrivals<Waiting> arrivals =
            new Arrivals<>(
                    new Arrivals.Bounds<>(
                            GROUP, GROUP_BYTES, waiting -> waiting.request.weight(), IDLE));
    private final GroupCommit<Waiting> groups;

    /// Of the admitting thread alone.
    private long purgeDue = System.nanoTime() + PURGE.toNanos();

    Admission(AdmissionGate gate, PatientPool pool, RequestMemory memory) {
        this.gate = gate;
        this.pool = pool;
        this.memory = memory;
        this.groups = GroupCommit.start("admission", arrivals, new Flush(), this::purge);
    }

    /// A request whose caller waits.
    private static final class Waiting {
        private final Submission.Request request;
        private final CompletableFuture<Submitted> answer = new CompletableFuture<>();

        private Waiting(Submission.Request request) {
            this.request = request;
        }
    }

    private Submitted answer(Waiting waiting)
            throws InterruptedException, ExecutionException, TimeoutException {
        long began = System.nanoTime();
        while (true) {
            try {
                return waiting.answer.get(TURN.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (System.nanoTime() - began > MAX_WAIT.toNanos() || pool.isSilent(began)) {
                    throw e;
                }
            }
        }
    }

    /// Returns once the job is committed.
    ///
    /// @throws ProblemException when it is refused, doesn't fit beside what other requests hold, or
    ///   the database doesn't answer in time
    Submitted admit(Submission.Request request) {
        RequestMemory.Share share = memory.open();
        share.take(request.weight());
        Waiting waiting = new Waiting(request);
        // The group it went with may be under way when its caller leaves, and its caller, on a busy
        // machine, may wait for a processor long after its answer: both hold it.
        AtomicInteger holders = new AtomicInteger(2);
        Runnable letGo =
                () -> {
                    if (holders.decrementAndGet() == 0) {
                        share.close();
                    }
                };
        var _ = waiting.answer.whenComplete((_, _) -> letGo.run());
        if (!arrivals.add(waiting)) {
            unavailable(waiting);
        }
        try {
            return answer(waiting);
        } catch (TimeoutException e) {
            throw withdraw(waiting)
                    ? DatabaseAway.problem()
                    : DatabaseAway.problem(
                            "The database doesn't answer. The job may have been admitted; repeat it with an"
                                    + " Idempotency-Key to be safe.");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ProblemException refusal) {
                throw refusal;
            }
            throw new IllegalStateException("admission failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            withdraw(waiting);
            throw DatabaseAway.problem("The server is stopping; try again.");
        } finally {
            letGo.run();
        }
    }

    /// Takes back what no group has taken, so that nothing of it is held any more.
    ///
    /// @return whether it wasn't too late
    private boolean withdraw(Waiting waiting) {
        boolean inTime = arrivals.withdraw(waiting);
        if (inTime) {
            unavailable(waiting);
        }
        return inTime;
    }

    private void purge() {
        if (System.nanoTime() - purgeDue < 0) {
            return;
        }
        purgeDue = System.nanoTime() + PURGE.toNanos();
        try {
            gate.forgetOldKeys();
        } catch (RuntimeException e) {
            LOG.warn(
                    "old idempotency keys can't be deleted now, trying again later: {}",
                    e.getMessage());
        }
    }

    private final class Flush implements GroupFlush<Waiting> {
        /// Of the commit under way, by [System#nanoTime()].
        private long began;

        /// How often the group has been tried again.
        private int repeats;

        @Override
        public void commit(List<Waiting> group) {
            began = System.nanoTime();
            answer(group, gate.admit(group.stream().map(waiting -> waiting.request).toList()));
            repeats = 0;
        }

        @Override
        public boolean isOutage(RuntimeException failure) {
            return DatabaseAway.isCauseOf(failure);
        }

        @Override
        public boolean outlast(List<Waiting> left, RuntimeException outage) {
            if (repeats < REPEATS && !gate.mayHaveCommitted() && !pool.isSilent(began)) {
                repeats++;
                LOG.info("admitting {} requests again: {}", left.size(), outage.getMessage());
                return true;
            }
            repeats = 0;
            LOG.warn(
                    "answered {} requests with 503, the database is away: {}",
                    left.size(),
                    outage.getMessage());
            left.forEach(Admission::unavailable);
            // They would only wait as long again.
            failArrivals();
            return false;
        }

        @Override
        public void fail(Waiting culprit, RuntimeException failure) {
            culprit.answer.completeExceptionally(failure);
        }
    }

    private void answer(List<Waiting> group, List<Decision> decisions) {
        for (int i = 0; i < group.size(); i++) {
            CompletableFuture<Submitted> answer = group.get(i).answer;
            switch (decisions.get(i)) {
                case Decision.Accepted(Submitted submitted) -> answer.complete(submitted);
                case Decision.Refused(ProblemException problem) ->
                        answer.completeExceptionally(problem);
            }
        }
    }

    private void failArrivals() {
        arrivals.drain().forEach(Admission::unavailable);
    }

    private static void unavailable(Waiting waiting) {
        waiting.answer.completeExceptionally(DatabaseAway.problem());
    }

    /// Admits what has arrived; the web server has stopped taking requests by now.
    @Override
    public void destroy() {
        groups.stop(LAST_GROUP);
        failArrivals();
    }
}
