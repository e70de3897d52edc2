package dev.atomic.api.admission;

import dev.atomic.api.admission.AdmissionGate.Decision;
import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.problem.DatabaseAway;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.submission.Submission;
import dev.atomic.api.submission.Submitted;
import dev.atomic.shared.PatientPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/// Group commit: one thread admits, and what arrives while it commits goes together in its next
/// transaction. No timer and no added wait: alone, a request is admitted at once.
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

    /// A client is to have its 503 within 3 s: after this the database is asked whether it is
    /// there, and while it answers the wait goes on.
    private static final Duration PATIENCE = Duration.ofMillis(2_200);

    private static final Duration ASKING = Duration.ofMillis(500);

    /// The longest wait at a database that answers and is busy.
    private static final Duration MAX_WAIT = Duration.ofSeconds(20);

    /// How often an idle thread looks whether it is to stop.
    private static final long INTERVAL_MS = 250;

    /// How often keys whose time is over are deleted, when there is nothing else to do.
    private static final Duration PURGE = Duration.ofMinutes(10);

    private final AdmissionGate gate;
    private final PatientPool pool;
    private final RequestMemory memory;
    private final LinkedBlockingQueue<Waiting> arrivals = new LinkedBlockingQueue<>();
    private final Thread thread;
    private volatile boolean stopping;

    Admission(AdmissionGate gate, PatientPool pool, RequestMemory memory) {
        this.gate = gate;
        this.pool = pool;
        this.memory = memory;
        this.thread = Thread.ofPlatform().daemon().name("admission").start(this::run);
    }

    /// A request whose caller waits.
    ///
    /// @param taken set by whoever comes first: the group it goes with, or its caller giving up
    private record Waiting(
            Submission.Request request, CompletableFuture<Submitted> answer, AtomicBoolean taken) {}

    private Submitted answer(Waiting waiting)
            throws InterruptedException, ExecutionException, TimeoutException {
        long began = System.nanoTime();
        while (true) {
            try {
                return waiting.answer().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (System.nanoTime() - began > MAX_WAIT.toNanos() || !pool.answers(ASKING)) {
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
        Waiting waiting = new Waiting(request, new CompletableFuture<>(), new AtomicBoolean());
        // The group it went with may be under way when its caller leaves, and its caller, on a busy
        // machine, may wait for a processor long after its answer: both hold it.
        AtomicInteger holders = new AtomicInteger(2);
        Runnable letGo =
                () -> {
                    if (holders.decrementAndGet() == 0) {
                        share.close();
                    }
                };
        var _ = waiting.answer().whenComplete((_, _) -> letGo.run());
        arrivals.add(waiting);
        if (stopping) {
            failArrivals();
        }
        try {
            return answer(waiting);
        } catch (TimeoutException e) {
            throw withdraw(waiting)
                    ? DatabaseAway.problem()
                    : DatabaseAway.problem(
                            "The database doesn't answer. The job may have been admitted: repeat with an"
                                    + " Idempotency-Key to be safe.");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ProblemException refusal) {
                throw refusal;
            }
            throw new IllegalStateException("admission failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            withdraw(waiting);
            throw DatabaseAway.problem("The server is stopping; ask again.");
        } finally {
            letGo.run();
        }
    }

    /// Takes back what no group has taken, so that nothing of it is held any more.
    ///
    /// @return whether it wasn't too late
    private boolean withdraw(Waiting waiting) {
        if (!waiting.taken().compareAndSet(false, true)) {
            return false;
        }
        // In there only who has left is taken.
        arrivals.removeIf(each -> each.taken().get());
        waiting.answer().completeExceptionally(DatabaseAway.problem());
        return true;
    }

    private void run() {
        try {
            long purgeDue = System.nanoTime() + PURGE.toNanos();
            while (!stopping) {
                Waiting first = arrivals.poll(INTERVAL_MS, TimeUnit.MILLISECONDS);
                if (first == null && System.nanoTime() - purgeDue > 0) {
                    purgeDue = System.nanoTime() + PURGE.toNanos();
                    purge();
                }
                List<Waiting> group = first == null ? List.of() : gather(first);
                if (!group.isEmpty()) {
                    admit(group);
                }
            }
        } catch (InterruptedException stop) {
            // destroy() fails what is left
        }
    }

    private void purge() {
        try {
            gate.forgetOldKeys();
        } catch (RuntimeException e) {
            LOG.warn("old idempotency keys are forgotten later: {}", e.getMessage());
        }
    }

    /// Those that have arrived and still wait, in the order they came.
    private List<Waiting> gather(Waiting first) {
        List<Waiting> group = new ArrayList<>();
        long bytes = 0;
        for (Waiting next = first; next != null; next = arrivals.poll()) {
            if (next.taken().compareAndSet(false, true)) {
                group.add(next);
                bytes += next.request().weight();
            }
            if (group.size() == GROUP || bytes >= GROUP_BYTES) {
                break;
            }
        }
        return group;
    }

    private void admit(List<Waiting> group) {
        try {
            List<Decision> decisions = gate.admit(group.stream().map(Waiting::request).toList());
            answer(group, decisions);
        } catch (RuntimeException e) {
            if (DatabaseAway.isCauseOf(e)) {
                LOG.warn(
                        "{} requests answered 503, the database is away: {}",
                        group.size(),
                        e.getMessage());
                group.forEach(w -> w.answer().completeExceptionally(DatabaseAway.problem()));
                // They would only wait as long again.
                failArrivals();
            } else if (group.size() == 1) {
                group.getFirst().answer().completeExceptionally(e);
            } else {
                // One of them is to blame and must not cost the others their answer.
                group.forEach(alone -> admit(List.of(alone)));
            }
        }
    }

    private void answer(List<Waiting> group, List<Decision> decisions) {
        for (int i = 0; i < group.size(); i++) {
            CompletableFuture<Submitted> answer = group.get(i).answer();
            switch (decisions.get(i)) {
                case Decision.Accepted(Submitted submitted) -> answer.complete(submitted);
                case Decision.Refused(ProblemException problem) ->
                        answer.completeExceptionally(problem);
            }
        }
    }

    private void failArrivals() {
        for (Waiting next = arrivals.poll(); next != null; next = arrivals.poll()) {
            if (next.taken().compareAndSet(false, true)) {
                next.answer().completeExceptionally(DatabaseAway.problem());
            }
        }
    }

    /// Lets the group under way end; the web server has stopped taking requests by now.
    @Override
    public void destroy() throws InterruptedException {
        stopping = true;
        // Not interrupted: H2 closes the connection of a thread that is, whatever it was doing.
        thread.join(PATIENCE);
        failArrivals();
    }
}
