package dev.atomic.worker;

import dev.atomic.worker.claim.Claims;
import dev.atomic.worker.claim.StopReason;
import dev.atomic.worker.event.EventWriter;
import dev.atomic.worker.maintenance.Heartbeat;
import dev.atomic.worker.queue.JobRunrQueue;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/// Starts claiming once everything is ready, and stops in order: no more claims, jobs under way may
/// finish its stage, the rest goes back without using up an attempt, then the worker signs off.
@Component
public final class WorkerLifecycle implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerLifecycle.class);

    /// Of the time to stop, how much is left for putting jobs back.
    private static final Duration PUT_BACK = Duration.ofSeconds(5);

    private final JobRunrQueue queue;
    private final Heartbeat heartbeat;
    private final Claims claims;
    private final EventWriter writer;
    private final ScheduledExecutorService timer;
    private final WorkerSettings settings;
    private volatile boolean running;

    WorkerLifecycle(
            JobRunrQueue queue,
            Heartbeat heartbeat,
            Claims claims,
            EventWriter writer,
            ScheduledExecutorService timer,
            WorkerSettings settings) {
        this.queue = queue;
        this.heartbeat = heartbeat;
        this.claims = claims;
        this.writer = writer;
        this.timer = timer;
        this.settings = settings;
    }

    @Override
    public void start() {
        heartbeat.start(timer, queue::wakeIfFree);
        queue.start();
        running = true;
        LOG.info("{} claims up to {} jobs at once", settings.name(), settings.maxConcurrent());
    }

    @Override
    public void stop() {
        running = false;
        LOG.info("stopping: {} jobs in hand", claims.held().size());
        queue.stopClaiming();
        claims.drain();
        awaitEmpty(settings.stopWithin().minus(PUT_BACK));
        claims.held().forEach(claim -> claim.stop(StopReason.SHUTDOWN));
        awaitEmpty(PUT_BACK);
        queue.stop();
        writer.close();
        heartbeat.stop();
        LOG.info("stopped");
    }

    private void awaitEmpty(Duration most) {
        long until = System.nanoTime() + most.toNanos();
        while (!claims.held().isEmpty() && System.nanoTime() < until) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /// Whether jobs are being claimed.
    public boolean isClaiming() {
        return queue.isClaiming();
    }
}
