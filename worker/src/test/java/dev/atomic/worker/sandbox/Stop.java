package dev.atomic.worker.sandbox;

import dev.atomic.worker.StopToken;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A cancellation that the test gives.
final class Stop implements StopToken {
    private final CountDownLatch given = new CountDownLatch(1);

    void now() {
        given.countDown();
    }

    @Override
    public boolean isStopped() {
        return given.getCount() == 0;
    }

    @Override
    public Registration onStop(Runnable action) {
        throw new UnsupportedOperationException("the sandbox looks, it isn't told");
    }

    @Override
    public boolean awaitStop(Duration most) {
        try {
            return given.await(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
