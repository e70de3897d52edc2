package dev.atomic.worker.queue;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jobrunr.server.BackgroundJobServer;
import org.jobrunr.server.configuration.BackgroundJobServerWorkerPolicy;
import org.jobrunr.server.strategy.WorkDistributionStrategy;
import org.jobrunr.server.threadpool.JobRunrExecutor;

/// The jobs a worker holds, counted from their claim to their end. Stock JobRunr counts a job only
/// once a thread has started it, and so claims more than it can run (20 on 16 workers, 9 on 4;
/// measured): the excess sits in PROCESSING without a heartbeat.
///
/// JobRunr makes a new executor each time its server is started; the count continues across them,
/// so that jobs which outlive a restart of the server still hold their slots, and jobs that were
/// never begun give theirs back.
///
/// Thread-safe.
final class Slots implements BackgroundJobServerWorkerPolicy {
    private final int slots;
    private final Passes passes;
    private final AtomicInteger inHand = new AtomicInteger();
    private volatile Runnable onFree = () -> {};

    Slots(int slots, Passes passes) {
        this.slots = slots;
        this.passes = passes;
    }

    /// Runs after each end of a job.
    void onFree(Runnable action) {
        onFree = action;
    }

    int free() {
        return slots - inHand.get();
    }

    int inHand() {
        return inHand.get();
    }

    @Override
    public WorkDistributionStrategy toWorkDistributionStrategy(BackgroundJobServer server) {
        return passes.counted(server, slots);
    }

    @Override
    public JobRunrExecutor toJobRunrExecutor() {
        return new Threads();
    }

    private final class Threads implements JobRunrExecutor {
        private final ExecutorService pool =
                Executors.newFixedThreadPool(slots, Thread.ofPlatform().name("job-", 0).factory());
        private volatile boolean started;

        @Override
        public int getWorkerCount() {
            return slots;
        }

        @Override
        public void start() {
            started = true;
        }

        /// A job that comes while the server stops isn't begun: its claim is given up and taken
        /// back.
        @Override
        public void execute(Runnable job) {
            if (!started) {
                return;
            }
            inHand.incrementAndGet();
            try {
                pool.execute(() -> {
                    try {
                        job.run();
                    } finally {
                        inHand.decrementAndGet();
                        onFree.run();
                    }
                });
            } catch (RejectedExecutionException stopped) {
                inHand.decrementAndGet();
            }
        }

        @Override
        public void stop(Duration most) {
            started = false;
            pool.shutdown();
            try {
                if (!pool.awaitTermination(most.toMillis(), TimeUnit.MILLISECONDS)) {
                    inHand.addAndGet(-pool.shutdownNow().size());
                }
            } catch (InterruptedException e) {
                inHand.addAndGet(-pool.shutdownNow().size());
                Thread.currentThread().interrupt();
            }
        }
    }
}
