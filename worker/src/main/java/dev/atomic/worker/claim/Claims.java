package dev.atomic.worker.claim;

import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.JobStore.Due;
import dev.atomic.shared.job.StrandedJobs;
import dev.atomic.shared.job.WaitingJobs;
import dev.atomic.shared.job.WaitingJobs.NextJobs;
import dev.atomic.shared.queue.QueueStorage;
import dev.atomic.shared.queue.RunGeneration;
import dev.atomic.shared.queue.Signals;
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
import org.jobrunr.server.BackgroundJobServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionTemplate;

/// The jobs this worker holds now. What goes next, and whether it is to be had, is decided by the
/// jobs' rows alone; JobRunr's rows move on in the same transaction.
///
/// Thread-safe.
public final class Claims {
    private static final Logger LOG = LoggerFactory.getLogger(Claims.class);

    /// What was claimed is begun within microseconds, unless JobRunr's server was just stopping.
    private static final Duration UNBEGUN = Duration.ofSeconds(2);

    private final WaitingJobs waiting;
    private final StrandedJobs stranded;
    private final QueueStorage queue;
    private final EventLog events;
    private final TransactionTemplate transactions;
    private final Signals signals;
    private final Clock clock;
    private final UUID worker;
    private final String workerName;
    private final Map<UUID, Claim> held = new ConcurrentHashMap<>();
    private volatile boolean draining;

    public Claims(
            WaitingJobs waiting,
            StrandedJobs stranded,
            QueueStorage queue,
            EventLog events,
            TransactionTemplate transactions,
            Signals signals,
            Clock clock,
            UUID worker,
            String workerName) {
        this.waiting = waiting;
        this.stranded = stranded;
        this.queue = queue;
        this.events = events;
        this.transactions = transactions;
        this.signals = signals;
        this.clock = clock;
        this.worker = worker;
        this.workerName = workerName;
    }

    /// What a pass over the queue took.
    ///
    /// @param deliveries JobRunr's side of the claimed jobs, in the order they go
    /// @param more whether more may be waiting
    public record Taken(List<org.jobrunr.jobs.Job> deliveries, boolean more) {}

    private record Pass(Taken taken, List<Job> jobs) {}

    /// Some of what was claimed has no delivery, so all goes back.
    private static final class NoDelivery extends RuntimeException {
        private final transient List<Due> jobs;

        NoDelivery(List<Due> jobs) {
            super(jobs.size() + " jobs have no delivery");
            this.jobs = jobs;
        }
    }

    /// Claims the jobs that go next, with their `started` events, in one transaction for all. Each
    /// is to be begun by [#begin(RunGeneration)].
    ///
    /// @param most 1 or more
    /// @param server JobRunr's server that will run them
    public Taken takeNext(int most, BackgroundJobServer server) {
        if (draining) {
            return new Taken(List.of(), false);
        }
        Pass pass;
        try {
            pass = Objects.requireNonNull(transactions.execute(_ -> claim(most, server)));
        } catch (NoDelivery e) {
            LOG.warn("{}; delivering them again: {}", e.getMessage(), e.jobs);
            transactions.executeWithoutResult(_ -> e.jobs.forEach(stranded::redeliver));
            return new Taken(List.of(), true);
        }
        for (Job job : pass.jobs()) {
            Claim claim = new Claim(job);
            held.put(job.id(), claim);
            if (draining) {
                claim.drain();
            }
        }
        if (!pass.jobs().isEmpty()) {
            signals.raise(
                    Signals.Channel.EVENTS,
                    pass.jobs().stream().map(Job::id).collect(Collectors.toSet()));
        }
        return pass.taken();
    }

    private Pass claim(int most, BackgroundJobServer server) {
        NextJobs next = waiting.claimNext(most, worker);
        List<Job> claimed = next.jobs().stream().map(JobStore.Claimed::job).toList();
        Map<Due, Instant> offered = new LinkedHashMap<>();
        List<Due> missing = new ArrayList<>();
        for (JobStore.Claimed each : next.jobs()) {
            Due due = new Due(each.job().id(), each.job().fence() - 1);
            if (each.offeredSince() == null) {
                missing.add(due);
            } else {
                offered.put(due, each.offeredSince());
            }
        }
        if (!missing.isEmpty()) {
            throw new NoDelivery(missing);
        }
        if (claimed.isEmpty()) {
            return new Pass(new Taken(List.of(), next.more()), claimed);
        }
        List<org.jobrunr.jobs.Job> taken = queue.process(offered, server);
        events.append(claimed.stream().map(this::started).toList());
        return new Pass(new Taken(taken, next.more()), claimed);
    }

    private EventLog.Entry started(Job job) {
        return new EventLog.Entry(
                job.id(),
                job.tenantId(),
                job.lastSeq(),
                clock.instant(),
                job.attempt(),
                new JobEvent.Started(workerName));
    }

    /// The claim a delivery was made for; empty when it isn't held, was given up, or has been begun
    /// before: a delivery may come late or twice.
    public Optional<Claim> begin(RunGeneration delivery) {
        Claim claim = held.get(delivery.jobId());
        return claim != null && claim.fence() == delivery.fence() + 1 && claim.begin()
                ? Optional.of(claim)
                : Optional.empty();
    }

    /// Of the jobs that run on this worker by their rows, those it doesn't hold: a claim whose
    /// commit went unanswered, an outcome that couldn't be written, a claim that was never begun.
    /// Also those being claimed right now, so look twice.
    public List<Due> unheld(List<JobStore.Running> running) {
        held.values().removeIf(claim -> claim.giveUp(UNBEGUN));
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
