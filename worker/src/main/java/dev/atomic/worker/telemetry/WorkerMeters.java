package dev.atomic.worker.telemetry;

import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.telemetry.Meters;
import dev.atomic.shared.telemetry.Metric;
import dev.atomic.shared.telemetry.Tag;
import dev.atomic.shared.verify.Verification;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// The worker's part of [Metric], a method for each thing that happens.
///
/// Thread-safe. `began` is always [System#nanoTime()] before it happened.
@Component
public final class WorkerMeters {
    private final Meters meters;
    private final Timer claim;
    private final Counter claimedJobs;
    private final Timer waited;
    private final Counter attemptStarted;
    private final Meters.Tagged<Counter> attemptRetried;
    private final Counter attemptLost;
    private final Counter fenceLost;
    private final Meters.Tagged<Timer> stage;
    private final Meters.Tagged<Counter> tokens;
    private final Meters.Tagged<Counter> cost;
    private final Meters.Tagged<Counter> unpriced;
    private final Meters.Tagged<Counter> verdict;
    private final Meters.Tagged<Counter> jobEnded;
    private final Meters.Tagged<Counter> webhook;
    private final Timer flush;
    private final DistributionSummary flushedEvents;
    private final Counter poolHit;
    private final Counter poolPrepared;
    private final Counter poolMiss;

    public WorkerMeters(MeterRegistry registry) {
        this.meters = new Meters(registry);
        this.claim = meters.timer(Metric.CLAIM);
        this.claimedJobs = meters.counter(Metric.CLAIM_JOBS);
        this.waited = meters.timer(Metric.JOB_WAITED);
        this.attemptStarted = meters.counter(Metric.ATTEMPT_STARTED);
        this.attemptRetried = meters.counters(Metric.ATTEMPT_RETRIED);
        this.attemptLost = meters.counter(Metric.ATTEMPT_LOST);
        this.fenceLost = meters.counter(Metric.FENCE_LOST);
        this.stage = meters.timers(Metric.STAGE);
        this.tokens = meters.counters(Metric.MODEL_TOKENS);
        this.cost = meters.counters(Metric.MODEL_COST);
        this.unpriced = meters.counters(Metric.MODEL_UNPRICED);
        this.verdict = meters.counters(Metric.VERDICT);
        this.webhook = meters.counters(Metric.WEBHOOK);
        this.jobEnded = meters.counters(Metric.JOB_ENDED);
        this.flush = meters.timer(Metric.EVENT_FLUSH);
        this.flushedEvents = meters.summary(Metric.EVENT_FLUSH_EVENTS);
        Meters.Tagged<Counter> pool = meters.counters(Metric.SANDBOX_POOL);
        this.poolHit = pool.of("hit");
        this.poolPrepared = pool.of("prepared");
        this.poolMiss = pool.of("miss");
    }

    /// A look for jobs was committed.
    public void claimed(long began, int jobs) {
        claim.record(System.nanoTime() - began, TimeUnit.NANOSECONDS);
        claimedJobs.increment(jobs);
    }

    /// A job was claimed.
    ///
    /// @param waited since it could be claimed; less than zero where two clocks disagree
    public void waited(Duration waited) {
        this.waited.record(waited.isNegative() ? Duration.ZERO : waited);
    }

    public void attemptStarted() {
        attemptStarted.increment();
    }

    /// @param reason as in the job's `retrying`
    public void attemptRetried(String reason) {
        attemptRetried.of(reason).increment();
    }

    /// A lost worker's job was taken over.
    public void attemptLost() {
        attemptLost.increment();
    }

    public void fenceLost() {
        fenceLost.increment();
    }

    /// @param outcome one of [Tag#OUTCOME]'s
    public void stageEnded(StageName name, String outcome, long began) {
        stage.of(name.wire(), outcome).record(System.nanoTime() - began, TimeUnit.NANOSECONDS);
    }

    /// A model was paid.
    ///
    /// @param provider null where nobody said who was paid
    public void paid(@Nullable String provider, Usage usage) {
        if (usage.equals(Usage.NONE)) {
            return;
        }
        String payee = Objects.requireNonNullElse(provider, Tag.NONE);
        tokens.of(payee, "input").increment((double) usage.inputTokens());
        tokens.of(payee, "output").increment((double) usage.outputTokens());
        @Nullable Double usd = usage.costUsd();
        if (usd == null) {
            unpriced.of(payee).increment();
        } else {
            cost.of(payee).increment(usd);
        }
    }

    public void verified(Verification verification) {
        verdict.of(
                        verification.status().wire(),
                        Objects.requireNonNullElse(verification.proof().kind(), Tag.NONE))
                .increment();
    }

    /// @param state a terminal one
    public void jobEnded(JobState state) {
        jobEnded.of(state.wire()).increment();
    }

    /// A webhook was tried.
    ///
    /// @param attempt one of [Tag#ATTEMPT]'s
    public void webhook(String attempt) {
        webhook.of(attempt).increment();
    }

    /// A flush was committed.
    public void flushed(long began, int events) {
        flush.record(System.nanoTime() - began, TimeUnit.NANOSECONDS);
        flushedEvents.record(events);
    }

    public void poolHit() {
        poolHit.increment();
    }

    /// A run found a container in which what it needs was loaded.
    public void poolPrepared() {
        poolPrepared.increment();
    }

    public void poolMiss() {
        poolMiss.increment();
    }

    /// @param heartbeat kept alive by its owner
    /// @param slots the most jobs at once
    /// @param busy how many jobs are held now; asked on any thread, as are the others
    public <T> void watchWorker(
            T heartbeat,
            int slots,
            ToDoubleFunction<T> busy,
            Predicate<T> agentUp,
            Predicate<T> engineUp) {
        meters.gauge(Metric.SLOTS, heartbeat, _ -> slots);
        meters.gauge(Metric.SLOTS_BUSY, heartbeat, busy);
        meters.gauge(Metric.AGENT_UP, heartbeat, of -> agentUp.test(of) ? 1 : 0);
        meters.gauge(Metric.ENGINE_UP, heartbeat, of -> engineUp.test(of) ? 1 : 0);
    }

    /// @param pool kept alive by its owner
    /// @param ready how many containers it has ready; asked on any thread
    public <T> void watchPool(T pool, ToDoubleFunction<T> ready) {
        meters.gauge(Metric.SANDBOX_POOL_READY, pool, ready);
    }
}
