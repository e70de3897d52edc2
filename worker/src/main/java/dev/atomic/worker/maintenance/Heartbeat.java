package dev.atomic.worker.maintenance;

import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.WorkerRegistry;
import dev.atomic.worker.claim.Claims;
import dev.atomic.worker.claim.StopReason;
import dev.atomic.worker.sandbox.Sandbox;
import dev.atomic.worker.telemetry.WorkerMeters;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/// Says once a second in the database that this worker lives, and does with the same beat what must
/// not depend on a signal: cancels that were missed, jobs that are due, workers that fell silent.
@Component
public final class Heartbeat {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);
    private static final long BEAT_MS = 1_000;
    private static final long INTERVAL_MS = 2_000;

    /// When this worker's own beats were this far apart, so may everybody's have been: the database
    /// hung, or the whole machine slept. Silence is then counted from the start, as after an
    /// outage. Shorter than [Recovery#SILENCE] by more than a beat, so no worker counts as lost
    /// before.
    private static final Duration GAP = Duration.ofSeconds(3);

    /// What was claimed is begun within microseconds, unless the queue was just stopping.
    private static final Duration UNBEGUN = Duration.ofSeconds(2);

    private final WorkerRegistry workers;
    private final JobStore jobs;
    private final Claims claims;
    private final Recovery recovery;
    private final Sandbox sandbox;
    private final WorkerRegistry.Beat identity;
    private final AgentNews agent;
    private volatile boolean failing;
    private volatile List<UUID> alive = List.of();
    private final ReentrantLock beating = new ReentrantLock();
    private boolean stopped;

    /// @param identity what of the beat doesn't change
    public Heartbeat(
            WorkerRegistry workers,
            JobStore jobs,
            Claims claims,
            Recovery recovery,
            AgentNews agent,
            Sandbox sandbox,
            WorkerMeters meters,
            WorkerRegistry.Beat identity) {
        this.workers = workers;
        this.jobs = jobs;
        this.claims = claims;
        this.recovery = recovery;
        this.agent = agent;
        this.sandbox = sandbox;
        this.identity = identity;
        meters.watchWorker(
                this,
                identity.slots(),
                beat -> beat.claims.held().size(),
                beat -> beat.agent.isUp(),
                beat -> beat.sandbox.isAvailable());
    }

    public void start(ScheduledExecutorService timer) {
        var _ = timer.scheduleWithFixedDelay(this::beat, 0, BEAT_MS, TimeUnit.MILLISECONDS);
        var _ = timer.scheduleWithFixedDelay(agent::ask, 0, INTERVAL_MS, TimeUnit.MILLISECONDS);
    }

    /// Whether the last beat reached the database.
    public boolean isDatabaseUp() {
        return !failing;
    }

    /// Who was alive at the last beat, in the order of their ids; empty before the first.
    public List<UUID> alive() {
        return alive;
    }

    /// Stops the heartbeat and deregisters this worker. A beat under way ends first; after the
    /// deregistration it would sign on again.
    public void stop() {
        beating.lock();
        try {
            stopped = true;
            workers.remove(identity.id());
        } catch (DataAccessException e) {
            LOG.warn("this worker could not be deregistered: {}", e.getMessage());
        } finally {
            beating.unlock();
        }
    }

    private void beat() {
        beating.lock();
        try {
            if (!stopped) {
                beatOnce();
            }
        } finally {
            beating.unlock();
        }
    }

    private void beatOnce() {
        try {
            UUID id = identity.id();
            long began = System.nanoTime();
            Duration since =
                    workers.beat(
                            new WorkerRegistry.Beat(
                                    id,
                                    identity.name(),
                                    identity.host(),
                                    identity.pid(),
                                    identity.slots(),
                                    claims.held().size(),
                                    agent.isUp(),
                                    sandbox.isAvailable()));
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            if (since.compareTo(GAP) > 0 || took.compareTo(GAP) > 0) {
                LOG.warn(
                        "{} ms between two heartbeats; no worker counts as silent for the next 5 s",
                        since.toMillis());
                recovery.missedBeat();
            }
            agent.tell(identity.host());
            alive = workers.alive(Recovery.SILENCE);
            List<JobStore.Running> running = jobs.runningOn(id);
            claims.stop(
                    running.stream()
                            .filter(JobStore.Running::cancelRequested)
                            .map(JobStore.Running::id)
                            .toList(),
                    StopReason.CANCELLED);
            recovery.run(id, claims.unheld(running, UNBEGUN));
            if (failing) {
                failing = false;
                LOG.info("the database is back");
            }
        } catch (DataAccessException | TransactionException e) {
            recovery.missedBeat();
            if (!failing) {
                failing = true;
                LOG.warn("no heartbeat, the database is away: {}", e.getMessage());
            }
        } catch (RuntimeException e) {
            // A timer's task that throws is never run again, and this one keeps the worker's jobs
            // its own.
            LOG.error("a heartbeat failed unexpectedly", e);
        }
    }
}
