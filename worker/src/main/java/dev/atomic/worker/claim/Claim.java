package dev.atomic.worker.claim;

import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.telemetry.Span;
import dev.atomic.worker.StopToken;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A job this worker holds, from claim to outcome: the fence every write is conditional on, and the
/// one place where the job is told to stop.
///
/// Thread-safe, but for the sequence number, which is [dev.atomic.worker.event.EventWriter]'s, and
/// the span.
public final class Claim implements StopToken {
    private static final Logger LOG = LoggerFactory.getLogger(Claim.class);

    /// A claim is either begun by its job's thread or given up, never both.
    private enum Use {
        NEW,
        BEGUN,
        GIVEN_UP
    }

    private final Job job;
    private final long takenAt = System.nanoTime();
    private final AtomicReference<Use> use = new AtomicReference<>(Use.NEW);
    private final AtomicReference<@Nullable StopReason> stop = new AtomicReference<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final List<Runnable> onStop = new ArrayList<>();
    private volatile Ending ending = Ending.PLAIN;
    private volatile boolean draining;
    private volatile long lastSeq;

    /// Of the job's own thread alone.
    private Span span = Span.NONE;

    /// @param job as it stands after the claim
    public Claim(Job job) {
        this.job = job;
        this.lastSeq = job.course().lastSeq();
    }

    public Job job() {
        return job;
    }

    public long fence() {
        return job.course().fence();
    }

    /// Whether the caller is the one to run it.
    boolean begin() {
        return use.compareAndSet(Use.NEW, Use.BEGUN);
    }

    /// Gives up a claim that was taken this long ago and hasn't begun.
    boolean giveUp(Duration unbegunFor) {
        return System.nanoTime() - takenAt >= unbegunFor.toNanos()
                && use.compareAndSet(Use.NEW, Use.GIVEN_UP);
    }

    /// How long the job may still take, negative once it is over: what was left by the database's
    /// clock when the row was read, less the time since. A day where it has no deadline.
    public Duration untilDeadline() {
        if (job.times().deadlineAt() == null) {
            return Duration.ofDays(1);
        }
        return Duration.between(job.times().readAt(), job.times().deadlineAt())
                .minusNanos(System.nanoTime() - takenAt);
    }

    /// The number of the last event written or being written.
    public long lastSeq() {
        return lastSeq;
    }

    public void lastSeq(long seq) {
        lastSeq = seq;
    }

    /// What is to be written in the transaction of the claim's last event.
    ///
    /// @param events before that one
    /// @param change rows that change with it; may run again
    public record Ending(List<JobEvent> events, Consumer<Instant> change) {
        /// That event alone.
        public static final Ending PLAIN = new Ending(List.of(), _ -> {});
    }

    public Ending ending() {
        return ending;
    }

    public void ending(Ending with) {
        ending = with;
    }

    /// What the job is at now: its attempt, a stage of it, or a call that the stage makes.
    public Span span() {
        return span;
    }

    /// Does a part of the job's work, with a span of its own that ends however the work does.
    ///
    /// @param part below [#span()]
    public <T> T within(Span part, Function<Span, T> work) {
        Span outer = span;
        span = part;
        try {
            return work.apply(part);
        } catch (RuntimeException | Error e) {
            part.failed(e.getClass().getSimpleName());
            throw e;
        } finally {
            span = outer;
            part.close();
        }
    }

    /// The worker stops: the running stage may end, and no other begins.
    public void drain() {
        draining = true;
    }

    public boolean isDraining() {
        return draining;
    }

    /// Why the job is to stop; null as long as it may go on. The first reason stays, except that a
    /// lost claim outweighs any other.
    public @Nullable StopReason stopReason() {
        return stop.get();
    }

    /// Tells the job to stop and runs what [#onStop(Runnable)] was given.
    public void stop(StopReason reason) {
        boolean first = stop.compareAndSet(null, reason);
        if (!first && reason == StopReason.FENCED) {
            stop.set(StopReason.FENCED);
        }
        if (first) {
            stopped.countDown();
            List<Runnable> actions;
            synchronized (onStop) {
                actions = List.copyOf(onStop);
                onStop.clear();
            }
            actions.forEach(Claim::runQuietly);
        }
    }

    @Override
    public boolean isStopped() {
        return stop.get() != null;
    }

    @Override
    public Registration onStop(Runnable action) {
        synchronized (onStop) {
            onStop.add(action);
        }
        if (isStopped() && take(action)) {
            runQuietly(action);
        }
        return () -> take(action);
    }

    /// The thread that takes an action out runs it.
    private boolean take(Runnable action) {
        synchronized (onStop) {
            return onStop.remove(action);
        }
    }

    /// One action's bug must keep no other work from being stopped.
    private static void runQuietly(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.error("stopping failed in part", e);
        }
    }

    @Override
    public boolean awaitStop(Duration most) {
        try {
            return stopped.await(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            // JobRunr interrupts its workers when it stops for good.
            Thread.currentThread().interrupt();
            stop(StopReason.SHUTDOWN);
            return true;
        }
    }
}
