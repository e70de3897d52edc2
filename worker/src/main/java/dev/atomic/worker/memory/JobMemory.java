package dev.atomic.worker.memory;

import dev.atomic.worker.StopToken;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The heap that the files of all jobs under way may take together, in bytes.
///
/// Each job's files are bounded, but a worker runs many jobs: together they may be more than its
/// heap. A job about to load them waits until they fit. Those who wait are served in the order they
/// came, so that large ones aren't passed by small ones for ever.
///
/// Thread-safe.
public final class JobMemory {
    /// How soon one that waits sees that it is to stop.
    private static final Duration INTERVAL = Duration.ofMillis(100);

    private final long capacity;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Object> waiting = new ArrayDeque<>();
    private long held;

    /// @param capacity most bytes held at once, at least 1
    public JobMemory(long capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity: " + capacity);
        }
        this.capacity = capacity;
    }

    /// A third of the heap this process may have: the rest is for what isn't counted here.
    public static JobMemory ofThisProcess() {
        return new JobMemory(Runtime.getRuntime().maxMemory() / 3);
    }

    /// Bytes held now.
    public long held() {
        lock.lock();
        try {
            return held;
        } finally {
            lock.unlock();
        }
    }

    /// Waits for its turn and until it fits. One that needs more than there is gets it all to
    /// itself.
    ///
    /// @param bytes not negative
    /// @return empty when the work was stopped while it waited; also when the thread was
    ///   interrupted, which it then still is
    public Optional<Share> take(long bytes, StopToken cancelled) {
        long wanted = Math.min(bytes, capacity);
        Object turn = new Object();
        lock.lock();
        try {
            waiting.addLast(turn);
            while (!turn.equals(waiting.getFirst()) || held + wanted > capacity) {
                if (cancelled.isStopped()) {
                    return Optional.empty();
                }
                boolean _ = changed.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
            }
            held += wanted;
            return Optional.of(new Share(wanted));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            waiting.remove(turn);
            changed.signalAll();
            lock.unlock();
        }
    }

    private void giveBack(long bytes) {
        lock.lock();
        try {
            held -= bytes;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// What one job holds. Used by one thread.
    public final class Share implements AutoCloseable {
        private long bytes;

        private Share(long bytes) {
            this.bytes = bytes;
        }

        /// Gives it back; once more does nothing.
        @Override
        public void close() {
            giveBack(bytes);
            bytes = 0;
        }
    }
}
