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
import dev.atomic.shared.transition.RunningLimit;
import dev.atomic.shared.transition.Transition;
import dev.atomic.shared.transition.Transitions;
import dev.atomic.shared.transition.Transitions.Place;
import dev.atomic.shared.transition.Transitions.Told;
import dev.atomic.shared.upkeep.MaintenanceTurns;
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

/// Puts back the jobs of workers that fell silent, and delivers the jobs that are due. The workers
/// look for lost ones in turns, about once a second; should two do it, the fence lets only one of
/// them succeed for each job.
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

    private static final String CLEANING = "cleaning";

    /// How often what leads nowhere is removed, by one of all.
    static final Duration CLEAN = Duration.ofMinutes(1);

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
    private final MaintenanceTurns turns;
    private final RunningLimit running;

    /// Since when this worker's own beats go well: after an outage of the database every worker
    /// looks silent, so none is judged until all have had time to beat again.
    private long goodSince;

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
            LongSupplier nanos,
            MaintenanceTurns turns,
            RunningLimit running) {
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
        this.turns = turns;
        this.running = running;
    }

    void missedBeat() {
        goodSince = Long.MAX_VALUE;
    }

    /// Whether this worker may say that others are silent.
    boolean mayJudge() {
        return goodSince != Long.MAX_VALUE && nanos.getAsLong() - goodSince >= SILENCE.toNanos();
    }

    /// @param self this worker
    /// @param heard with its beat
    /// @param unheld jobs that run on this worker by their rows, but that it doesn't hold
    void run(UUID self, WorkerRegistry.Heard heard, List<Due> unheld) {
        if (goodSince == Long.MAX_VALUE) {
            goodSince = nanos.getAsLong();
        }
        boolean putBack = takeBack(unheld);
        if (heard.lost() && mayJudge()) {
            for (JobHead job : stranded.orphans(self, SILENCE, PAGE)) {
                putBack |= takeOver(job);
            }
        }
        if (heard.due() || putBack) {
            due.deliver();
        }
        if (heard.turns().contains(CLEANING) && turns.take(CLEANING, CLEAN)) {
            stranded.removeVoidDeliveries();
            stranded.removeLostServers(CLEAN);
            workers.removeSilent(FORGET);
            letMissedIn();
        }
    }

    /// In parts, each of which others may wait for.
    private void letMissedIn() {
        boolean more = true;
        while (more) {
            more = Boolean.TRUE.equals(transactions.execute(_ -> running.letMissedIn()));
        }
    }

    /// @return whether it was this worker that did
    private boolean takeOver(JobHead job) {
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
        return done;
    }

    /// Jobs this very worker lost, seen twice, so that none is that is just being claimed.
    ///
    /// @return whether any went back
    private boolean takeBack(List<Due> unheld) {
        boolean putBack = false;
        for (Due lost : unheld) {
            if (unheldBefore.contains(lost)) {
                putBack |=
                        jobs.head(lost.id())
                                .filter(job -> job.course().fence() == lost.fence())
                                .map(this::takeOver)
                                .orElse(false);
            }
        }
        unheldBefore = Set.copyOf(unheld);
        return putBack;
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
