package dev.atomic.worker.sandbox;

import dev.atomic.shared.job.Limits;
import dev.atomic.worker.Cancellation;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The sandbox on a Docker engine: a fresh container for every run.
///
/// Thread-safe; at most `ATOMIC_SANDBOX_CONCURRENCY` runs go on at once, further ones wait.
public final class DockerSandbox implements Sandbox, AutoCloseable {
    /// How long after its limit a run that the runner should have ended is ended from outside.
    private static final Duration GRACE = Duration.ofSeconds(5);

    /// How soon a cancel is seen.
    private static final Duration LOOK = Duration.ofMillis(100);

    private static final Duration OLDEST_UNUSED = Duration.ofMinutes(30);
    private static final Duration WATCH = Duration.ofSeconds(2);
    private static final int PASSES_BETWEEN_REAPS = 5;
    private static final int ATTEMPTS = 2;

    private static final Logger log = LoggerFactory.getLogger(DockerSandbox.class);

    private final SandboxSettings settings;
    private final Engine engine;
    private final ContainerPool pool;
    private final Reaper reaper;
    private final Semaphore places;
    private final Counter hits;
    private final Counter misses;
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("sandbox-watch").daemon().factory());
    private volatile boolean engineUp;
    private int passes;

    /// @param worker this process, as the containers' labels name it
    public DockerSandbox(
            SandboxSettings settings, String worker, Clock clock, MeterRegistry meters) {
        this.settings = settings;
        this.engine = new Engine(settings, worker, clock);
        this.pool =
                new ContainerPool(
                        settings.poolSize(),
                        OLDEST_UNUSED,
                        () -> startContainer(settings.limits(), "", OLDEST_UNUSED));
        this.reaper = new Reaper(engine);
        this.places = new Semaphore(settings.concurrency(), true);
        this.hits = meters.counter("atomic.sandbox.pool", "result", "hit");
        this.misses = meters.counter("atomic.sandbox.pool", "result", "miss");
        meters.gauge("atomic.sandbox.pool.ready", pool, ContainerPool::readyCount);
    }

    /// Fills the pool, and begins to look after the engine and after what others left there.
    public void start() {
        engineUp = engine.answers();
        pool.start();
        var _ =
                watch.scheduleWithFixedDelay(
                        this::lookAfterEngine, 0, WATCH.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public boolean isAvailable() {
        return engineUp;
    }

    /// Runs code once, or once more where its first run was cut short by no fault of its own. What
    /// the sink throws ends the run and is passed on. An interrupted thread is a cancelled run.
    @Override
    public SandboxResult run(SandboxRun run, OutputSink output, Cancellation cancellation) {
        try {
            return plan(run, output, cancellation);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new SandboxResult.Cancelled();
        }
    }

    private SandboxResult plan(SandboxRun run, OutputSink sink, Cancellation cancelled)
            throws InterruptedException {
        long asked = System.nanoTime();
        return switch (RunPlan.of(run)) {
            case RunPlan.Unsupported _ -> new SandboxResult.Unsupported(run.language());
            case RunPlan.Nothing nothing -> Verifications.nothingToRun(nothing, run.run().limits());
            case RunPlan.Steps steps -> {
                if (!awaitPlace(cancelled)) {
                    yield new SandboxResult.Cancelled();
                }
                try {
                    yield attempts(new Attempt(run, steps, sink, cancelled, asked));
                } finally {
                    places.release();
                }
            }
        };
    }

    /// @param askedNanos the start of `duration_ms`
    private record Attempt(
            SandboxRun run,
            RunPlan.Steps plan,
            OutputSink sink,
            Cancellation cancelled,
            long askedNanos) {}

    private boolean awaitPlace(Cancellation cancelled) throws InterruptedException {
        while (!places.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
            if (cancelled.isStopped()) {
                return false;
            }
        }
        return true;
    }

    private SandboxResult attempts(Attempt attempt) throws InterruptedException {
        String lost = "";
        for (int i = 0; i < ATTEMPTS; i++) {
            boolean last = i == ATTEMPTS - 1;
            try {
                Optional<SandboxResult> result = once(attempt, last);
                if (result.isPresent()) {
                    return result.get();
                }
                log.info("the engine throttled a run into its limit; it is run again");
            } catch (EngineException e) {
                lost = String.valueOf(e.getMessage());
                log.warn("a run was lost ({}); {}", lost, last ? "giving up" : "it is run again");
            }
        }
        return new SandboxResult.Unavailable(lost);
    }

    /// One run in one container; empty when it has to be run again.
    private Optional<SandboxResult> once(Attempt attempt, boolean last)
            throws EngineException, InterruptedException {
        pool.runBegins();
        try (RunnerContainer container = obtain(attempt.run())) {
            Transcript said = new Transcript(attempt.plan().steps(), attempt.sink());
            container.send(request(attempt).encode());
            Long end = follow(container, said, attempt);
            if (end == null) {
                return Optional.of(new SandboxResult.Cancelled());
            }
            RunnerRecord.Ended ended = said.ended() == null ? killed(attempt) : said.ended();
            if (!last && Throttling.wasUnfair(ended, attempt.run().run().limits())) {
                return Optional.empty();
            }
            long milliseconds = Duration.ofNanos(end - attempt.askedNanos()).toMillis();
            return Optional.of(
                    Verifications.of(
                            attempt.run(),
                            attempt.plan(),
                            said,
                            ended,
                            new Verifications.Circumstances(
                                    milliseconds, container.imageId(), isolation())));
        } finally {
            pool.runEnded();
        }
    }

    /// Reads what the runner says until it has said all.
    ///
    /// @return when the program's end was known; null when the run was cancelled
    private @Nullable Long follow(RunnerContainer container, Transcript said, Attempt attempt)
            throws EngineException, InterruptedException {
        long deadline = System.nanoTime() + timeout(attempt).plus(GRACE).toNanos();
        Long ended = null;
        while (!said.isComplete()) {
            if (attempt.cancelled().isStopped()) {
                return null;
            }
            RunnerContainer.Said next = container.next(LOOK);
            if (next != null) {
                if (next.message() instanceof RunnerRecord.RequestRefused refused) {
                    throw new EngineException(
                            "the runner refused the request: " + refused.reason());
                }
                said.take(next.message());
                if (next.message() instanceof RunnerRecord.Ended) {
                    ended = next.atNanos();
                    deadline = System.nanoTime() + GRACE.toNanos();
                }
            } else if (System.nanoTime() > deadline) {
                break;
            }
        }
        return ended == null ? Long.valueOf(System.nanoTime()) : ended;
    }

    /// What stands for the runner's own word when it had to be killed from outside.
    private static RunnerRecord.Ended killed(Attempt attempt) {
        return new RunnerRecord.Ended(
                "wall", timeout(attempt).toNanos() / 1000, -1, 0, -1, 0, 0, 0);
    }

    private RunnerContainer obtain(SandboxRun run) throws EngineException, InterruptedException {
        Optional<RunnerContainer> fresh = pool.take(run.run().limits());
        if (fresh.isPresent()) {
            hits.increment();
            return fresh.get();
        }
        misses.increment();
        return startContainer(run.run().limits(), run.jobId().toString(), Duration.ZERO);
    }

    /// @param unused how long it may wait for its run
    private RunnerContainer startContainer(Limits limits, String job, Duration unused)
            throws EngineException, InterruptedException {
        Duration longest = Duration.ofSeconds((long) settings.limits().timeoutSeconds());
        return engine.start(
                limits, job, engine.now().plus(unused).plus(longest).plus(GRACE.multipliedBy(12)));
    }

    private static RunnerRequest request(Attempt attempt) {
        return new RunnerRequest(
                timeout(attempt).toMillis(),
                attempt.run().files(),
                attempt.run().run().stdin(),
                attempt.plan().steps(),
                attempt.run().run().collect());
    }

    private static Duration timeout(Attempt attempt) {
        double seconds = attempt.run().run().limits().timeoutSeconds();
        return Duration.ofMillis(Math.max(1, Math.round(seconds * 1000)));
    }

    private Map<String, String> isolation() throws EngineException {
        return engine.isolation();
    }

    private void lookAfterEngine() {
        try {
            lookOnce();
        } catch (RuntimeException e) {
            log.error("looking after the engine failed in a way not foreseen; it goes on", e);
        }
    }

    private void lookOnce() {
        boolean up = engine.answers();
        if (up != engineUp) {
            log.info(
                    "the engine {}",
                    up ? "answers again" : "doesn't answer; verifying waits for it");
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
        pool.close();
        engine.close();
    }
}
