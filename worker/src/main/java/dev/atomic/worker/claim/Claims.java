package dev.atomic.worker.claim;

import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.queue.RunGeneration;
import dev.atomic.shared.queue.Signals;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionTemplate;

/// The jobs this worker holds now. A delivery may come late or twice: whether there is anything to
/// do is decided by the job's row alone.
///
/// Thread-safe.
public final class Claims {
    private final JobStore jobs;
    private final EventLog events;
    private final TransactionTemplate transactions;
    private final Signals signals;
    private final Clock clock;
    private final UUID worker;
    private final String workerName;
    private final Map<UUID, Claim> held = new ConcurrentHashMap<>();
    private volatile boolean draining;

    public Claims(
            JobStore jobs,
            EventLog events,
            TransactionTemplate transactions,
            Signals signals,
            Clock clock,
            UUID worker,
            String workerName) {
        this.jobs = jobs;
        this.events = events;
        this.transactions = transactions;
        this.signals = signals;
        this.clock = clock;
        this.worker = worker;
        this.workerName = workerName;
    }

    /// Takes the delivered job, with its `started` event, in one transaction; empty when another
    /// has it, or it is over, or this delivery is of an earlier fence.
    public Optional<Claim> take(RunGeneration delivery) {
        @Nullable Job job =
                transactions.execute(_ -> {
                    if (!jobs.claim(delivery.jobId(), delivery.fence(), worker)) {
                        return null;
                    }
                    Job claimed = jobs.find(delivery.jobId()).orElseThrow();
                    events.append(
                            List.of(
                                    new EventLog.Entry(
                                            claimed.id(),
                                            claimed.tenantId(),
                                            claimed.lastSeq(),
                                            clock.instant(),
                                            claimed.attempt(),
                                            new JobEvent.Started(workerName))));
                    return claimed;
                });
        if (job == null) {
            return Optional.empty();
        }
        signals.raise(Signals.Channel.EVENTS, Set.of(job.id()));
        Claim claim = new Claim(job);
        held.put(job.id(), claim);
        if (draining) {
            claim.drain();
        }
        return Optional.of(claim);
    }

    /// From now on no stage begins: what is held, and what is still delivered, goes back.
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
