package dev.atomic.api.relay.tail;

import java.util.concurrent.TimeUnit;

/// Wakes the one thread that waits at it; if it was rung before, the wait is over at once.
///
/// Thread-safe.
public final class Bell {
    private boolean rung;

    public synchronized void ring() {
        rung = true;
        notifyAll();
    }

    /// @param nanos the longest wait
    public synchronized void await(long nanos) throws InterruptedException {
        long deadline = System.nanoTime() + nanos;
        long left = nanos;
        while (!rung && left > 0) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
            left = deadline - System.nanoTime();
        }
        rung = false;
    }
}
