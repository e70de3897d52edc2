package dev.atomic.shared.transition;

import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobHead;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.JobStore.NewJob;
import dev.atomic.shared.job.WaitingJobs.NextJobs;
import dev.atomic.shared.tenant.TenantDays;
import dev.atomic.shared.webhook.WebhookStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;

/// Moves jobs: the row by a conditional update, and with it the events that tell of it, numbered
/// after the row's last one. Nothing else changes a job's state, and nothing else appends to a log;
/// a test holds that.
///
/// Each method takes part in the caller's transaction. Thread-safe, but for a [Batch].
public final class Transitions {
    /// How long it is tried to tell of a job's end.
    private static final Duration WEBHOOK_PATIENCE = Duration.ofDays(1);

    private final JobStore jobs;
    private final RunningLimit running;
    private final EventLog log;
    private final WebhookStore webhooks;
    private final TenantDays days;

    public Transitions(
            JobStore jobs,
            RunningLimit running,
            EventLog log,
            WebhookStore webhooks,
            TenantDays days) {
        this.jobs = jobs;
        this.running = running;
        this.log = log;
        this.webhooks = webhooks;
        this.days = days;
    }

    /// An event and when it happened.
    public record Told(JobEvent event, Instant at) {}

    /// Where a job's row is expected to stand. If it stands elsewhere, nothing moves.
    ///
    /// @param lastSeq the number of its last event
    /// @param attempt that its next events carry
    /// @param webhook whether somebody is to be told when the job ends
    public record Place(
            UUID job, String tenant, long fence, long lastSeq, int attempt, boolean webhook) {
        public static Place of(JobHead job) {
            return new Place(
                    job.id(),
                    job.tenantId(),
                    job.course().fence(),
                    job.course().lastSeq(),
                    job.course().attempt(),
                    job.webhook());
        }
    }

    /// Puts new jobs into the queue.
    ///
    /// @param queued makes the event of each once all rows are there, so its place in the queue can
    ///   count them
    public void admit(List<NewJob> admitted, Function<NewJob, JobEvent.Queued> queued) {
        if (admitted.isEmpty()) {
            return;
        }
        jobs.insert(admitted);
        log.append(
                admitted.stream()
                        .map(job ->
                                new EventLog.Entry(
                                        job.id(),
                                        job.tenantId(),
                                        1,
                                        job.createdAt(),
                                        0,
                                        queued.apply(job)))
                        .toList());
    }

    /// Claims the jobs that go next for a worker: their fences rise by one, which voids every other
    /// claim.
    ///
    /// @param most 1 or more
    /// @param workerName as people know it
    public NextJobs claimNext(int most, UUID worker, String workerName, Instant at) {
        NextJobs next = running.claimNext(most, worker);
        List<EventLog.Entry> entries = new ArrayList<>();
        for (JobStore.Claimed claimed : next.jobs()) {
            Job job = claimed.job();
            entries.add(
                    new EventLog.Entry(
                            job.id(),
                            job.tenantId(),
                            job.course().lastSeq(),
                            at,
                            job.course().attempt(),
                            new JobEvent.Started(workerName)));
        }
        log.append(entries);
        return next;
    }

    /// Moves one job.
    ///
    /// @return whether it moved: it stood at that place, in the transition's first state
    public boolean apply(Place place, Transition transition, Told told) {
        Batch batch = batch();
        boolean moved = batch.apply(place, transition, List.of(told));
        batch.append();
        return moved;
    }

    /// Begins moving many jobs in one transaction.
    public Batch batch() {
        return new Batch();
    }

    /// Rows move one by one, their events go into the log together at the end.
    public final class Batch {
        private final List<EventLog.Entry> entries = new ArrayList<>();
        private final List<UUID> ended = new ArrayList<>();
        private final SortedMap<String, Integer> placesLeft = new TreeMap<>();

        private Batch() {}

        /// Moves a row, and keeps its events for [#append()].
        ///
        /// @return whether it moved
        public boolean apply(Place place, Transition transition, List<Told> told) {
            long to = place.lastSeq() + told.size();
            boolean tookNone = false;
            if (transition instanceof Transition.Withdraw) {
                // The locks' order is RunningLimit's; the waiting job's own is the last.
                tookNone = running.holds(place.tenant(), place.job());
                days.lockOf(place.job());
            }
            if (!move(place, transition, to)) {
                return false;
            }
            if (transition.leavesPlace() && !tookNone) {
                placesLeft.merge(place.tenant(), 1, Integer::sum);
            }
            if (transition.to().isTerminal()) {
                ended.add(place.job());
            }
            if (place.webhook() && transition.to().isTerminal()) {
                webhooks.fallDue(place.job(), WEBHOOK_PATIENCE);
            }
            for (int i = 0; i < told.size(); i++) {
                entries.add(
                        new EventLog.Entry(
                                place.job(),
                                place.tenant(),
                                place.lastSeq() + i + 1,
                                told.get(i).at(),
                                place.attempt(),
                                told.get(i).event()));
            }
            return true;
        }

        /// Appends the events of all that moved, settles what those that ended have spent, and lets
        /// others run in their places.
        ///
        /// @return how many there were
        public int append() {
            int events = entries.size();
            log.append(entries);
            entries.clear();
            SortedMap<String, RunningLimit.Left> left = running.leave(placesLeft);
            days.settle(ended);
            running.letIn(left);
            placesLeft.clear();
            ended.clear();
            return events;
        }
    }

    private boolean move(Place place, Transition transition, long to) {
        UUID id = place.job();
        long fence = place.fence();
        long from = place.lastSeq();
        return switch (transition) {
            case Transition.Advance() -> jobs.advance(id, fence, from, to);
            case Transition.PutBack back ->
                    jobs.putBack(id, fence, from, to, back.delay(), back.charged(), back.lost());
            case Transition.End end -> jobs.finish(id, fence, from, to, end.to(), end.failure());
            case Transition.Withdraw() -> jobs.withdraw(id, fence, from, to);
        };
    }
}
