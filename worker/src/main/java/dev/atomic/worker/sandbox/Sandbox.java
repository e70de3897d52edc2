package dev.atomic.worker.sandbox;

import dev.atomic.shared.verify.Verification;
import dev.atomic.worker.StopToken;
import dev.atomic.worker.sandbox.cases.CasesDialogue;
import dev.atomic.worker.sandbox.engine.ContainerPool;
import dev.atomic.worker.sandbox.engine.Engine;
import dev.atomic.worker.sandbox.engine.EngineException;
import dev.atomic.worker.sandbox.engine.Reaper;
import dev.atomic.worker.sandbox.engine.RunnerContainer;
import dev.atomic.worker.sandbox.http.ExchangesDialogue;
import dev.atomic.worker.sandbox.isolated.Confirmation;
import dev.atomic.worker.sandbox.isolated.Finding;
import dev.atomic.worker.sandbox.isolated.Judging;
import dev.atomic.worker.sandbox.isolated.Trial;
import dev.atomic.worker.sandbox.run.OutputSink;
import dev.atomic.worker.sandbox.run.Preparation;
import dev.atomic.worker.sandbox.run.RunPlan;
import dev.atomic.worker.sandbox.run.SandboxRun;
import dev.atomic.worker.sandbox.verdict.Following;
import dev.atomic.worker.sandbox.verdict.Following.Followed;
import dev.atomic.worker.sandbox.verdict.RunDialogue;
import dev.atomic.worker.sandbox.verdict.SandboxResult;
import dev.atomic.worker.sandbox.verdict.StepsDialogue;
import dev.atomic.worker.sandbox.verdict.Throttling;
import dev.atomic.worker.sandbox.verdict.Verifications;
import dev.atomic.worker.telemetry.WorkerMeters;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The sandbox on a Docker engine: a fresh container for every run.
///
/// Thread-safe; at most `ATOMIC_SANDBOX_CONCURRENCY` runs go on at once, further ones wait.
public final class Sandbox implements AutoCloseable {
    /// How soon a cancel is seen.
    private static final Duration INTERVAL = Duration.ofMillis(100);

    private static final Duration WATCH = Duration.ofSeconds(2);
    private static final int PASSES_BETWEEN_REAPS = 5;

    private static final Logger log = LoggerFactory.getLogger(Sandbox.class);

    private final Engine engine;
    private final Containers containers;
    private final ContainerPool pool;
    private final Reaper reaper;
    private final Semaphore places;
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("sandbox-watch").daemon().factory());
    private volatile boolean engineUp;
    private int passes;

    /// @param worker this process, as the containers' labels name it
    public Sandbox(SandboxSettings settings, String worker, Clock clock, WorkerMeters meters) {
        this.engine = new Engine(settings.engine(), worker, clock);
        this.containers = new Containers(settings, engine, meters);
        this.pool = containers.pool();
        this.reaper = new Reaper(engine);
        this.places = new Semaphore(settings.concurrency(), true);
        meters.watchPool(pool, ContainerPool::readyCount);
    }

    /// Fills the pool, and begins to look after the engine and after what others left there.
    public void start() {
        engineUp = engine.isReady();
        pool.start();
        var _ =
                watch.scheduleWithFixedDelay(
                        this::lookAfterEngine, 0, WATCH.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// Whether an engine answered lately; never blocks.
    public boolean isAvailable() {
        return engineUp;
    }

    /// Runs code once, or once more where its first run was cut short by no fault of its own. What
    /// the sink throws ends the run and is passed on. An interrupted thread is a cancelled run.
    public SandboxResult run(SandboxRun run, OutputSink output, StopToken stop) {
        try {
            return plan(run, output, stop);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new SandboxResult.Cancelled();
        }
    }

    private SandboxResult plan(SandboxRun run, OutputSink sink, StopToken cancelled)
            throws InterruptedException {
        return switch (RunPlan.of(run)) {
            case RunPlan.Unsupported _ -> new SandboxResult.Unsupported(run.language());
            case RunPlan.Nothing nothing ->
                    Verifications.failed(nothing.proof(), nothing.reason(), run.run().limits());
            case RunPlan.Steps steps -> {
                long asked = System.nanoTime();
                SandboxResult result =
                        inTurn(
                                run,
                                steps.proof(),
                                Preparation.of(steps.steps().getFirst()),
                                () -> new StepsDialogue(run, steps, sink),
                                cancelled);
                yield result instanceof SandboxResult.Verdict verdict && steps.isOfTests()
                        ? judged(run, steps, verdict, sink, cancelled, asked)
                        : result;
            }
            case RunPlan.Cases cases ->
                    inTurn(
                            run,
                            RunPlan.Proof.CASES,
                            Preparation.NOTHING,
                            () -> new CasesDialogue(run, cases, sink),
                            cancelled);
            case RunPlan.Exchanges exchanges ->
                    inTurn(
                            run,
                            RunPlan.Proof.HTTP,
                            Preparation.NOTHING,
                            () -> new ExchangesDialogue(run, exchanges, sink),
                            cancelled);
        };
    }

    /// Tests that passed in the program's own process are run again where it can't reach them.
    private SandboxResult judged(
            SandboxRun run,
            RunPlan.Steps steps,
            SandboxResult.Verdict reported,
            OutputSink sink,
            StopToken cancelled,
            long askedNanos)
            throws InterruptedException {
        Verification verification = reported.verification();
        boolean demanded = run.run().checks().isolated();
        if (!verification.passed() || (!steps.canBeJudged(run) && !demanded)) {
            return reported;
        }
        Finding finding =
                Finding.not("only tests in Python that are run as they stand have a judge");
        if (steps.canBeJudged(run)) {
            sink.judging();
            finding = judge(run, steps, verification.cost().durationMs(), cancelled);
        }
        if (cancelled.isStopped()) {
            return new SandboxResult.Cancelled();
        }
        long milliseconds = Duration.ofNanos(System.nanoTime() - askedNanos).toMillis();
        return reported.with(Confirmation.of(verification, finding, demanded, milliseconds));
    }

    private Finding judge(SandboxRun run, RunPlan.Steps steps, long reportedMs, StopToken cancelled)
            throws InterruptedException {
        Finding all = Finding.NOTHING;
        for (RunPlan.TestSession session : steps.sessions()) {
            if (!awaitPlace(cancelled)) {
                return all;
            }
            pool.runBegins();
            try {
                Trial trial = Trial.of(run, session, reportedMs);
                all = all.and(Judging.judge(trial, new Sides(run, cancelled), cancelled));
            } finally {
                pool.runEnded();
                places.release();
            }
        }
        return all;
    }

    private final class Sides implements Judging.Containers {
        private final SandboxRun run;
        private final StopToken cancelled;

        Sides(SandboxRun run, StopToken cancelled) {
            this.run = run;
            this.cancelled = cancelled;
        }

        @Override
        public RunnerContainer judge() throws EngineException, InterruptedException {
            return containers.obtainPair(run.run().limits(), run.jobId().toString());
        }

        @Override
        public void retire(RunnerContainer judge) {
            // A cancelled one is stopped now, whatever else is going on.
            if (cancelled.isStopped()) {
                judge.close();
            } else {
                pool.retire(judge);
            }
        }
    }

    /// @param preparation of the container
    /// @param dialogue a new one for each try
    /// @param askedNanos the start of `duration_ms`
    private record Attempt(
            SandboxRun run,
            RunPlan.Proof proof,
            Preparation preparation,
            Supplier<RunDialogue> dialogue,
            StopToken cancelled,
            long askedNanos) {}

    private SandboxResult inTurn(
            SandboxRun run,
            RunPlan.Proof proof,
            Preparation preparation,
            Supplier<RunDialogue> dialogue,
            StopToken cancelled)
            throws InterruptedException {
        return inTurn(new Attempt(run, proof, preparation, dialogue, cancelled, System.nanoTime()));
    }

    private SandboxResult inTurn(Attempt attempt) throws InterruptedException {
        if (!awaitPlace(attempt.cancelled())) {
            return new SandboxResult.Cancelled();
        }
        try {
            return attempts(attempt);
        } finally {
            places.release();
        }
    }

    private boolean awaitPlace(StopToken cancelled) throws InterruptedException {
        while (!places.tryAcquire(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
            if (cancelled.isStopped()) {
                return false;
            }
        }
        return true;
    }

    private SandboxResult attempts(Attempt attempt) throws InterruptedException {
        try {
            Ending first = once(attempt);
            if (!first.isWorthAnother()) {
                return first.result();
            }
            log.info("a run came to an end that isn't its own; it is run again");
            return once(attempt).result();
        } catch (EngineException e) {
            return new SandboxResult.Unavailable(String.valueOf(e.getMessage()));
        }
    }

    /// @param result what it is if it stays at that
    /// @param isWorthAnother whether it was cut short by no fault of its own
    private record Ending(SandboxResult result, boolean isWorthAnother) {}

    /// One run in one container.
    ///
    /// @throws EngineException when it couldn't be begun, or the engine is lost
    private Ending once(Attempt attempt) throws EngineException, InterruptedException {
        Map<String, String> isolation = engine.isolation();
        pool.runBegins();
        try {
            RunnerContainer container =
                    containers.obtain(
                            attempt.run().run().limits(),
                            attempt.run().jobId().toString(),
                            attempt.preparation());
            try {
                return in(container, attempt, isolation);
            } finally {
                pool.leave(container);
            }
        } finally {
            pool.runEnded();
        }
    }

    private Ending in(RunnerContainer container, Attempt attempt, Map<String, String> isolation)
            throws EngineException, InterruptedException {
        RunDialogue dialogue = attempt.dialogue().get();
        return switch (Following.follow(
                container, dialogue, attempt.run().wallMs(), attempt.cancelled())) {
            case Followed.Cancelled _ -> new Ending(new SandboxResult.Cancelled(), false);
            case Followed.Broken broken -> broken(attempt, broken);
            case Followed.ToTheEnd end -> {
                long milliseconds =
                        Duration.ofNanos(end.atNanos() - attempt.askedNanos()).toMillis();
                yield new Ending(
                        dialogue.result(
                                end.ended(),
                                new RunDialogue.Circumstances(
                                        milliseconds, container.imageId(), isolation)),
                        Throttling.wasUnfair(end.ended(), attempt.run().run().limits()));
            }
        };
    }

    /// A container that is gone before the runner has said how the run ended was killed: by the
    /// engine's end, by somebody else, or for want of memory. While the engine is there, that is a
    /// verdict, and never a pass.
    private Ending broken(Attempt attempt, Followed.Broken broken) throws EngineException {
        if (!engine.answers()) {
            throw new EngineException("the engine went away during the run");
        }
        return new Ending(
                Verifications.failed(
                        attempt.proof(), broken.reason(), attempt.run().run().limits()),
                broken.isWorthAnother());
    }

    private void lookAfterEngine() {
        try {
            lookOnce();
        } catch (RuntimeException e) {
            log.error("looking after the engine failed in a way not foreseen; it goes on", e);
        }
    }

    private void lookOnce() {
        boolean up = engine.isReady();
        if (up != engineUp) {
            log.info(
                    "the engine {}",
                    up
                            ? "answers again"
                            : "doesn't answer or has no image; verifying waits for it");
        }
        engineUp = up;
        if (up && passes++ % PASSES_BETWEEN_REAPS == 0) {
            try {
                reaper.reap();
            } catch (EngineException e) {
                log.warn("reaping failed, it goes on later: {}", e.getMessage());
            }
        }
    }

    /// Ends the pool. Runs that go on are ended by their containers' input ending with this
    /// process.
    @Override
    public void close() {
        watch.shutdownNow();
        containers.close();
        engine.close();
    }
}
