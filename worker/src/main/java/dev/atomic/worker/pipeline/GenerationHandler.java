package dev.atomic.worker.pipeline;

import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.Outcome;
import dev.atomic.shared.telemetry.Span;
import dev.atomic.shared.telemetry.Traces;
import dev.atomic.shared.transition.Transition;
import dev.atomic.worker.claim.Claim;
import dev.atomic.worker.claim.Claims;
import dev.atomic.worker.claim.StopReason;
import dev.atomic.worker.event.DatabaseOutage;
import dev.atomic.worker.event.EventWriter;
import dev.atomic.worker.event.WriteResult;
import dev.atomic.worker.maintenance.DueJobs;
import dev.atomic.worker.telemetry.WorkerMeters;
import dev.atomic.worker.webhook.WebhookDelivery;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/// Runs a claimed job's pipeline and writes the outcome. The queue itself sees every delivery
/// succeed: retries and failures are recorded in the job's row.
///
/// Thread-safe.
@Component
public final class GenerationHandler implements Consumer<Claim> {
    private static final Logger LOG = LoggerFactory.getLogger(GenerationHandler.class);

    private final Claims claims;
    private final GenerationPipeline pipeline;
    private final EventWriter writer;
    private final DueJobs due;
    private final ScheduledExecutorService timer;
    private final WorkerMeters meters;
    private final WebhookDelivery webhooks;
    private final Traces traces;

    public GenerationHandler(
            Claims claims,
            GenerationPipeline pipeline,
            EventWriter writer,
            DueJobs due,
            ScheduledExecutorService timer,
            WorkerMeters meters,
            WebhookDelivery webhooks,
            Traces traces) {
        this.claims = claims;
        this.pipeline = pipeline;
        this.writer = writer;
        this.due = due;
        this.timer = timer;
        this.meters = meters;
        this.webhooks = webhooks;
        this.traces = traces;
    }

    /// On the job's own thread; returns when the job has ended or gone back.
    @Override
    public void accept(Claim claim) {
        Job job = claim.job();
        MDC.put("job", job.id().toString());
        MDC.put("attempt", Integer.toString(job.course().attempt()));
        MDC.put("trace", job.traceId());
        ScheduledFuture<?> deadline = atDeadline(claim);
        meters.attemptStarted();
        try {
            claim.within(attempt(claim), span -> runAndWrite(claim, span));
        } finally {
            deadline.cancel(false);
            claims.release(claim);
            MDC.remove("job");
            MDC.remove("attempt");
            MDC.remove("trace");
        }
    }

    /// A lost worker's job keeps its attempt's number; the fence tells its claims apart.
    private Span attempt(Claim claim) {
        Job job = claim.job();
        return traces.attempt(job.traceId(), job.id())
                .set("atomic.job.id", job.id().toString())
                .set("atomic.job.kind", job.asked().kind().wire())
                .set("atomic.job.attempt", job.course().attempt())
                .set("atomic.job.fence", claim.fence());
    }

    private WriteResult runAndWrite(Claim claim, Span span) {
        Outcome outcome;
        try {
            outcome = pipeline.run(claim);
        } catch (RuntimeException e) {
            outcome = broken(claim, e);
        }
        try {
            return write(claim, outcome, span);
        } catch (RuntimeException e) {
            // What was to go with the last event can't be written, but the job must end.
            LOG.error("the outcome can't be written", e);
            claim.ending(Claim.Ending.PLAIN);
            return write(claim, Failures.unexpected(e), span);
        }
    }

    private static Outcome broken(Claim claim, RuntimeException e) {
        if (claim.stopReason() == StopReason.SHUTDOWN && DatabaseOutage.mayEnd(e)) {
            return new Outcome.Interrupted();
        }
        LOG.error("the pipeline failed unexpectedly", e);
        return Failures.unexpected(e);
    }

    private ScheduledFuture<?> atDeadline(Claim claim) {
        return timer.schedule(
                () -> claim.stop(StopReason.DEADLINE),
                Math.max(0, claim.untilDeadline().toMillis()),
                TimeUnit.MILLISECONDS);
    }

    private WriteResult write(Claim claim, Outcome outcome, Span span) {
        Job job = claim.job();
        WriteResult result =
                switch (outcome) {
                    case Outcome.Succeeded() ->
                            end(claim, JobState.SUCCEEDED, null, new JobEvent.Succeeded());
                    case Outcome.Failed(Failure failure) -> fail(claim, failure);
                    case Outcome.Cancelled() ->
                            end(claim, JobState.CANCELLED, null, new JobEvent.Cancelled());
                    case Outcome.Retry(Failure failure, Duration after) ->
                            putBack(
                                    claim,
                                    new JobEvent.Retrying(
                                            failure.code().wire(),
                                            failure.message(),
                                            after.toMillis()),
                                    after,
                                    true);
                    case Outcome.Interrupted() ->
                            putBack(
                                    claim,
                                    new JobEvent.Retrying(
                                            "worker_stopped", "its worker was stopped", 0),
                                    Duration.ZERO,
                                    false);
                    case Outcome.Fenced() -> WriteResult.FENCED;
                };
        if (result == WriteResult.REFUSED) {
            // Cancelled in the meantime: then it can end in no other way.
            result = end(claim, JobState.CANCELLED, null, new JobEvent.Cancelled());
            Spans.outcome(span, new Outcome.Cancelled());
        } else {
            Spans.outcome(span, result == WriteResult.FENCED ? new Outcome.Fenced() : outcome);
        }
        if (result == WriteResult.FENCED) {
            meters.fenceLost();
        }
        LOG.info(
                "{} {}",
                job.asked().kind().wire(),
                result == WriteResult.FENCED
                        ? "was taken over by another worker"
                        : describe(outcome));
        return result;
    }

    private WriteResult fail(Claim claim, Failure failure) {
        return end(claim, JobState.FAILED, failure, new JobEvent.Failed(failure));
    }

    private WriteResult end(
            Claim claim, JobState state, @Nullable Failure failure, JobEvent event) {
        WriteResult result = writer.end(claim, event, new Transition.End(state, failure));
        if (result == WriteResult.WRITTEN) {
            meters.jobEnded(state);
            if (claim.job().asked().input().webhook() != null) {
                webhooks.wake();
            }
        }
        return result;
    }

    private WriteResult putBack(
            Claim claim, JobEvent.Retrying event, Duration delay, boolean charge) {
        WriteResult result = writer.end(claim, event, new Transition.PutBack(delay, charge, false));
        if (result == WriteResult.WRITTEN) {
            meters.attemptRetried(event.reason());
            if (delay.isZero()) {
                deliverNow();
            }
        }
        return result;
    }

    /// Another worker may have it at once. If this fails, the next heartbeat of any worker delivers
    /// it.
    private void deliverNow() {
        try {
            due.deliver();
        } catch (DataAccessException | TransactionException e) {
            LOG.debug("not delivered at once: {}", e.getMessage());
        }
    }

    private static String describe(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Succeeded() -> "succeeded";
            case Outcome.Failed(Failure failure) -> "failed: " + failure.code().wire();
            case Outcome.Cancelled() -> "cancelled";
            case Outcome.Retry(Failure failure, Duration _) ->
                    "will be tried again: " + failure.code().wire();
            case Outcome.Interrupted() -> "went back to the queue";
            case Outcome.Fenced() -> "belongs to another worker";
        };
    }
}
