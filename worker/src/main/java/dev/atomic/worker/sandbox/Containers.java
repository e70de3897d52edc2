package dev.atomic.worker.sandbox;

import dev.atomic.shared.verify.Limits;
import dev.atomic.worker.sandbox.engine.ContainerPool;
import dev.atomic.worker.sandbox.engine.Engine;
import dev.atomic.worker.sandbox.engine.EngineException;
import dev.atomic.worker.sandbox.engine.Link;
import dev.atomic.worker.sandbox.engine.RunnerContainer;
import dev.atomic.worker.sandbox.run.Preparation;
import dev.atomic.worker.sandbox.verdict.Following;
import dev.atomic.worker.telemetry.WorkerMeters;
import java.time.Duration;
import java.util.Optional;

/// Where the containers of runs come from: the pool if it has one that fits, else the engine.
///
/// Thread-safe.
final class Containers implements AutoCloseable {
    private static final Duration OLDEST_UNUSED = Duration.ofMinutes(30);

    private final Limits configured;
    private final Engine engine;
    private final WorkerMeters meters;
    private final ContainerPool pool;

    Containers(SandboxSettings settings, Engine engine, WorkerMeters meters) {
        this.configured = settings.limits();
        this.engine = engine;
        this.meters = meters;
        this.pool = new ContainerPool(settings.pool(), OLDEST_UNUSED, this::prepared);
    }

    ContainerPool pool() {
        return pool;
    }

    /// One for a run.
    ///
    /// @param job who it is for, as its label says
    /// @param wanted what saves time if it is there
    RunnerContainer obtain(Limits limits, String job, Preparation wanted)
            throws EngineException, InterruptedException {
        Optional<RunnerContainer> fresh =
                pool.take(limits, wanted).or(() -> pool.take(limits, Preparation.NOTHING));
        if (fresh.isPresent()) {
            if (fresh.get().preparation() == Preparation.NOTHING) {
                meters.poolHit();
            } else {
                meters.poolPrepared();
            }
            return fresh.get();
        }
        meters.poolMiss();
        return start(limits, job, Duration.ZERO, new Link.None());
    }

    /// One for tests, joined by one for the program they are about. The judge's limits are the
    /// configured ones.
    ///
    /// @param limits the program's
    RunnerContainer obtainPair(Limits limits, String job)
            throws EngineException, InterruptedException {
        Optional<RunnerContainer> fresh = pool.take(limits, Preparation.JUDGE);
        if (fresh.isPresent()) {
            meters.poolPrepared();
            return fresh.get();
        }
        meters.poolMiss();
        return startPair(limits, job, Duration.ZERO);
    }

    private RunnerContainer prepared(Preparation preparation)
            throws EngineException, InterruptedException {
        if (preparation == Preparation.JUDGE) {
            return startPair(configured, "", OLDEST_UNUSED);
        }
        RunnerContainer container = start(configured, "", OLDEST_UNUSED, new Link.None());
        container.prepare(preparation);
        return container;
    }

    private RunnerContainer startPair(Limits limits, String job, Duration unused)
            throws EngineException, InterruptedException {
        boolean linked = engine.links();
        RunnerContainer judge =
                start(configured, job, unused, linked ? new Link.Offered() : new Link.None());
        try {
            judge.prepare(Preparation.JUDGE);
            RunnerContainer subject =
                    start(limits, job, unused, linked ? new Link.To(judge.id()) : new Link.None());
            judge.join(subject);
            subject.prepare(Preparation.SUBJECT);
            return judge;
        } catch (EngineException | InterruptedException e) {
            judge.close();
            throw e;
        }
    }

    /// @param unused how long it may wait for its run
    private RunnerContainer start(Limits limits, String job, Duration unused, Link link)
            throws EngineException, InterruptedException {
        Duration longest = Duration.ofSeconds((long) configured.timeoutSeconds());
        return engine.start(
                limits,
                job,
                engine.now().plus(unused).plus(longest).plus(Following.GRACE.multipliedBy(12)),
                link);
    }

    @Override
    public void close() {
        pool.close();
    }
}
