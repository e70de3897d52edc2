package dev.atomic.worker.maintenance;

import dev.atomic.db.Dialect;
import dev.atomic.shared.KeptConnection;
import dev.atomic.shared.PatientPool;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.WorkerRegistry;
import dev.atomic.worker.claim.Claims;
import dev.atomic.worker.claim.StopReason;
import dev.atomic.worker.sandbox.Sandbox;
import dev.atomic.worker.telemetry.WorkerMeters;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/// Says once a second in the database that this worker lives, and hears with the same statement of
/// what must not depend on a signal: cancels and waiting jobs that were missed, jobs that are due,
/// workers that fell silent, work that one of all has to do.
@Component
public final class Heartbeat {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);
    private static final long BEAT_MS = 1_000;
    private static final long INTERVAL_MS = 2_000;

    /// Longest wait for a beat under way.
    private static final long STOP_MS = 5_000;

    /// When this worker's own beats were this far apart, so may everybody's have been: the database
    /// hung, or the whole machine slept. Silence is then counted from the start, as after an
    /// outage. Shorter than [Recovery#SILENCE] by more than a beat, so no worker counts as lost
    /// before.
    private static final Duration GAP = Duration.ofSeconds(3);

    /// What was claimed is begun within microseconds, unless the queue was just stopping.
    private static final Duration UNBEGUN = Duration.ofSeconds(2);

    /// A list of all workers in each beat of each would be a million rows a second with a thousand
    /// of them. So it is read the more seldom the more there are.
    private static final int ALIVE_A_BEAT = 50;

    private final KeptConnection connection;
    private final Dialect dialect;
    private final Claims claims;
    private final Recovery recovery;
    private final Upkeep upkeep;
    private final Sandbox sandbox;
    private final WorkerRegistry.Beat identity;
    private final AgentNews agent;
    private volatile boolean failing;
    private volatile List<UUID> alive = List.of();
    private int beatsUntilAlive;
    private final ReentrantLock beating = new ReentrantLock();
    private volatile boolean stopped;

    /// @param identity what of the beat doesn't change
    public Heartbeat(
            PatientPool database,
            Dialect dialect,
            Claims claims,
            Recovery recovery,
            Upkeep upkeep,
            AgentNews agent,
            Sandbox sandbox,
            WorkerMeters meters,
            WorkerRegistry.Beat identity) {
        this.connection = new KeptConnection(database.direct());
        this.dialect = dialect;
        this.claims = claims;
        this.recovery = recovery;
        this.upkeep = upkeep;
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

    /// @param onWaiting called with each beat that finds a job waiting; returns at once
    public void start(ScheduledExecutorService timer, Runnable onWaiting) {
        var _ =
                timer.scheduleWithFixedDelay(
                        () -> beat(timer, onWaiting), 0, BEAT_MS, TimeUnit.MILLISECONDS);
        var _ = timer.scheduleWithFixedDelay(agent::ask, 0, INTERVAL_MS, TimeUnit.MILLISECONDS);
    }

    /// Whether the last beat reached the database.
    public boolean isDatabaseUp() {
        return !failing;
    }

    /// Who was alive lately, in the order of their ids; empty at first.
    public List<UUID> alive() {
        return alive;
    }

    /// Stops the heartbeat and deregisters this worker. A beat under way ends first; after the
    /// deregistration it would sign on again.
    ///
    /// Where the database is away it isn't waited for: this worker is found silent soon.
    public void stop() {
        stopped = true;
        try {
            if (!beating.tryLock(STOP_MS, TimeUnit.MILLISECONDS)) {
                LOG.warn("this worker could not be deregistered: the database doesn't answer");
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        try {
            if (!failing) {
                connection.use(jdbc -> {
                    new WorkerRegistry(jdbc, dialect).remove(identity.id());
                    return true;
                });
            }
        } catch (DataAccessException e) {
            LOG.warn("this worker could not be deregistered: {}", e.getMessage());
        } finally {
            connection.close();
            beating.unlock();
        }
    }

    private void beat(Executor threads, Runnable onWaiting) {
        beating.lock();
        try {
            if (!stopped) {
                beatOnce(threads, onWaiting);
            }
        } finally {
            beating.unlock();
        }
    }

    private void beatOnce(Executor threads, Runnable onWaiting) {
        try {
            long began = System.nanoTime();
            WorkerRegistry.Heard heard = beat();
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            if (heard.since().compareTo(GAP) > 0 || took.compareTo(GAP) > 0) {
                LOG.warn(
                        "{} ms between two heartbeats; no worker counts as silent for the next 5 s",
                        heard.since().toMillis());
                recovery.missedBeat();
            }
            claims.stop(
                    heard.running().stream()
                            .filter(JobStore.Running::cancelRequested)
                            .map(JobStore.Running::id)
                            .toList(),
                    StopReason.CANCELLED);
            if (heard.waiting()) {
                onWaiting.run();
            }
            upkeep.run(heard.turns(), threads);
            agent.tell(identity.host());
            recovery.run(identity.id(), heard, claims.unheld(heard.running(), UNBEGUN));
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

    private WorkerRegistry.Heard beat() {
        boolean everybody = beatsUntilAlive <= 0;
        var beat =
                new WorkerRegistry.Beat(
                        identity.id(),
                        identity.name(),
                        identity.host(),
                        identity.pid(),
                        identity.slots(),
                        claims.held().size(),
                        agent.isUp(),
                        sandbox.isAvailable());
        var question =
                new WorkerRegistry.Question(Recovery.SILENCE, everybody, recovery.mayJudge());
        WorkerRegistry.Heard heard =
                connection.use(jdbc -> new WorkerRegistry(jdbc, dialect).beat(beat, question));
        if (everybody) {
            alive = heard.alive();
            beatsUntilAlive = alive.size() / ALIVE_A_BEAT;
        } else {
            beatsUntilAlive--;
        }
        return heard;
    }
}
