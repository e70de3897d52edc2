package dev.atomic.worker.maintenance;

import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.JobHead;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.JobStore.Due;
import dev.atomic.shared.job.StrandedJobs;
import dev.atomic.shared.job.WorkerRegistry;
import dev.atomic.shared.queue.Signals;
import dev.atomic.shared.transition.Transition;
import dev.atomic.shared.transition.Transitions;
import dev.atomic.shared.transition.Transitions.Place;
import dev.atomic.shared.transition.Transitions.Told;
import dev.atomic.worker.telemetry.WorkerMeters;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/// Puts back the jobs of workers that fell silent, and delivers the jobs that are due. Every worker
/// does it; the fence lets only one of them succeed for each job.
///
/// Not thread-safe: the heartbeat's thread.
@Component
public final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    /// A worker that hasn't beaten for this long is lost.
    static final Duration SILENCE = Duration.ofSeconds(5);

    private static final Duration FORGET = Duration.ofMinutes(10);

    /// A job whose worker was lost this often ends: it may be what kills them.
    static final int MAX_LOSSES = 3;

    /// How often deliveries that lead nowhere are removed.
    private static final Duration CLEAN = Duration.ofMinutes(1);

    private static final int PAGE = 100;

    private final JobStore jobs;
    private final StrandedJobs stranded;
    private final WorkerRegistry workers;
    private final Transitions transitions;
    private final DueJobs due;
    private final TransactionTemplate transactions;
    private final Signals signals;
    private final Clock clock;
    private final WorkerMeters meters;
    private final LongSupplier nanos;

    /// Since when this worker's own beats go well: after an outage of the database every worker
    /// looks silent, so none is judged until all have had time to beat again.
    private long goodSince;

    private long cleanedAt;

    private Set<Due> unheldBefore = Set.of();

    /// @param nanos passes as [System#nanoTime()] does
    public Recovery(
            JobStore jobs,
            StrandedJobs stranded,
            WorkerRegistry workers,
            Transitions transitions,
            DueJobs due,
            TransactionTemplate transactions,
            Signals signals,
            Clock clock,
            WorkerMeters meters,
            LongSupplier nanos) {
        this.jobs = jobs;
        this.stranded = stranded;
        this.workers = workers;
        this.transitions = transitions;
        this.due = due;
        this.transactions = transactions;
        this.signals = signals;
        this.clock = clock;
        this.meters = meters;
        this.nanos = nanos;
        this.goodSince = nanos.getAsLong();
        this.cleanedAt = goodSince;
    }

    void missedBeat() {
        goodSince = Long.MAX_VALUE;
    }

    /// @param self this worker
    /// @param unheld jobs that run on this worker by their rows, but that it doesn't hold
    void run(UUID self, List<Due> unheld) {
        if (goodSince == Long.MAX_VALUE) {
            goodSince = nanos.getAsLong();
        }
        if (nanos.getAsLong() - goodSince >= SILENCE.toNanos()) {
            takeOver(self);
        }
        takeBack(unheld);
        due.deliver();
        if (nanos.getAsLong() - cleanedAt >= CLEAN.toNanos()) {
            cleanedAt = nanos.getAsLong();
            stranded.removeVoidDeliveries();
        }
    }

    private void takeOver(UUID self) {
        stranded.orphans(self, SILENCE, PAGE).forEach(this::takeOver);
        workers.removeSilent(FORGET);
    }

    private void takeOver(JobHead job) {
        Ending ending = endingOf(job);
        boolean done =
                Boolean.TRUE.equals(
                        transactions.execute(_ ->
                                transitions.apply(
                                        Place.of(job),
                                        ending.transition,
                                        new Told(ending.event, clock.instant()))));
        if (done) {
            meters.attemptLost();
            if (ending.event instanceof JobEvent.Retrying(String reason, String _, long _)) {
                meters.attemptRetried(reason);
            } else {
                meters.jobEnded(ending.transition.to());
            }
            LOG.warn("job {} lost its worker, loss {}", job.id(), job.course().losses() + 1);
            signals.raise(Signals.Channel.EVENTS, Set.of(job.id()));
        }
    }

    /// Jobs this very worker lost, seen twice, so that none is that is just being claimed.
    private void takeBack(List<Due> unheld) {
        for (Due lost : unheld) {
            if (unheldBefore.contains(lost)) {
                jobs.head(lost.id())
                        .filter(job -> job.course().fence() == lost.fence())
                        .ifPresent(this::takeOver);
            }
        }
        unheldBefore = Set.copyOf(unheld);
    }

    /// What a lost attempt comes to.
    private record Ending(Transition transition, JobEvent event) {}

    private static Ending endingOf(JobHead job) {
        if (job.course().cancelRequested()) {
            return new Ending(
                    new Transition.End(JobState.CANCELLED, null), new JobEvent.Cancelled());
        }
        if (job.course().losses() + 1 >= MAX_LOSSES) {
            Failure failure =
                    Failure.of(
                            FailureCode.LOST_TOO_OFTEN,
                            "the worker running this job was lost " + MAX_LOSSES + " times",
                            null);
            return new Ending(
                    new Transition.End(JobState.FAILED, failure), new JobEvent.Failed(failure));
        }
        return new Ending(
                new Transition.PutBack(Duration.ZERO, false, true),
                new JobEvent.Retrying("worker_lost", "its worker was lost", 0));
    }
}
