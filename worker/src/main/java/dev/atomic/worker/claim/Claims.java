package dev.atomic.worker.claim;

import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.JobStore.Due;
import dev.atomic.shared.job.StrandedJobs;
import dev.atomic.shared.job.WaitingJobs.NextJobs;
import dev.atomic.shared.queue.Signals;
import dev.atomic.shared.transition.Transitions;
import dev.atomic.worker.telemetry.WorkerMeters;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/// The jobs this worker holds now. What goes next, and whether it is to be had, is decided by the
/// jobs' rows alone; the queue's own rows move on in the same transaction ([Handover]).
///
/// Thread-safe.
@Component
public final class Claims {
    private static final Logger LOG = LoggerFactory.getLogger(Claims.class);

    private final Transitions transitions;
    private final StrandedJobs stranded;
    private final TransactionTemplate transactions;
    private final Signals signals;
    private final Clock clock;
    private final Holder holder;
    private final WorkerMeters meters;
    private final Map<UUID, Claim> held = new ConcurrentHashMap<>();
    private volatile boolean draining;

    public Claims(
            Transitions transitions,
            StrandedJobs stranded,
            TransactionTemplate transactions,
            Signals signals,
            Clock clock,
            Holder holder,
            WorkerMeters meters) {
        this.transitions = transitions;
        this.stranded = stranded;
        this.transactions = transactions;
        this.signals = signals;
        this.clock = clock;
        this.holder = holder;
        this.meters = meters;
    }

    /// The worker that claims, by its id and the name people know it by.
    public record Holder(UUID worker, String name) {}

    /// Moves the queue's own rows of claimed jobs on, in the claim's transaction. What it throws
    /// undoes the claim.
    @FunctionalInterface
    public interface Handover {
        /// @param offered when each job's delivery was made, in the order the jobs go
        void process(Map<Due, Instant> offered);
    }

    /// What a pass over the queue took.
    ///
    /// @param jobs as they stand after their claims, in the order they go
    /// @param more whether more may be waiting
    public record Taken(List<Job> jobs, boolean more) {}

    /// Some of what was claimed has no delivery, so all goes back.
    private static final class NoDelivery extends RuntimeException {
        private final transient List<Due> jobs;

        NoDelivery(List<Due> jobs) {
            super(jobs.size() + " jobs have no delivery");
            this.jobs = jobs;
        }
    }

    /// Claims the jobs that go next, with their `started` events, in one transaction for all. Each
    /// is to be begun by [#begin].
    ///
    /// @param most 1 or more
    public Taken takeNext(int most, Handover handover) {
        if (draining) {
            return new Taken(List.of(), false);
        }
        Taken taken;
        List<Instant> offered = new ArrayList<>();
        long began = System.nanoTime();
        try {
            taken =
                    Objects.requireNonNull(
                            transactions.execute(_ -> claim(most, handover, offered)));
        } catch (NoDelivery e) {
            LOG.warn("{}; delivering them again: {}", e.getMessage(), e.jobs);
            transactions.executeWithoutResult(_ -> e.jobs.forEach(stranded::redeliver));
            return new Taken(List.of(), true);
        }
        meters.claimed(began, taken.jobs().size());
        Instant now = clock.instant();
        offered.forEach(since -> meters.waited(Duration.between(since, now)));
        for (Job job : taken.jobs()) {
            Claim claim = new Claim(job);
            held.put(job.id(), claim);
            if (draining) {
                claim.drain();
            }
        }
        if (!taken.jobs().isEmpty()) {
            signals.raise(
                    Signals.Channel.EVENTS,
                    taken.jobs().stream().map(Job::id).collect(Collectors.toSet()));
        }
        return taken;
    }

    /// @param since gets when each claimed job's delivery was made
    private Taken claim(int most, Handover handover, List<Instant> since) {
        NextJobs next =
                transitions.claimNext(most, holder.worker(), holder.name(), clock.instant());
        List<Job> claimed = next.jobs().stream().map(JobStore.Claimed::job).toList();
        Map<Due, Instant> offered = new LinkedHashMap<>();
        List<Due> missing = new ArrayList<>();
        for (JobStore.Claimed each : next.jobs()) {
            Due due = new Due(each.job().id(), each.job().course().fence() - 1);
            if (each.offeredSince() == null) {
                missing.add(due);
            } else {
                offered.put(due, each.offeredSince());
            }
        }
        if (!missing.isEmpty()) {
            throw new NoDelivery(missing);
        }
        if (!claimed.isEmpty()) {
            handover.process(offered);
        }
        since.addAll(offered.values());
        return new Taken(claimed, next.more());
    }

    /// The claim a delivery was made for; empty when it isn't held, was given up, or has been begun
    /// before: a delivery may come late or twice.
    public Optional<Claim> begin(Due delivery) {
        Claim claim = held.get(delivery.id());
        return claim != null && claim.fence() == delivery.fence() + 1 && claim.begin()
                ? Optional.of(claim)
                : Optional.empty();
    }

    /// Of the jobs that run on this worker by their rows, those it doesn't hold: a claim whose
    /// commit went unanswered, an outcome that couldn't be written, a claim that was never begun.
    /// Also those being claimed right now, so look twice.
    ///
    /// @param unbegun a claim taken this long ago that hasn't begun is given up
    public List<Due> unheld(List<JobStore.Running> running, Duration unbegun) {
        held.values().removeIf(claim -> claim.giveUp(unbegun));
        return running.stream()
                .filter(row -> {
                    Claim claim = held.get(row.id());
                    return claim == null || claim.fence() != row.fence();
                })
                .map(row -> new Due(row.id(), row.fence()))
                .toList();
    }

    /// From now on no stage begins and nothing is claimed: what is held goes back.
    public void drain() {
        draining = true;
        held.values().forEach(Claim::drain);
    }

    public void release(Claim claim) {
        held.remove(claim.job().id(), claim);
    }

    public Collection<Claim> held() {
        return held.values();
    }

    /// Tells held jobs to stop, if they are held.
    public void stop(Collection<UUID> ids, StopReason reason) {
        for (UUID id : ids) {
            Claim claim = held.get(id);
            if (claim != null) {
                claim.stop(reason);
            }
        }
    }
}
