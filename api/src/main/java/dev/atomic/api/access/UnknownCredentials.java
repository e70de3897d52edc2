package dev.atomic.api.access;

import dev.atomic.api.key.Secret;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.springframework.security.core.AuthenticationException;

/// Looks up a credential that has never been good here only in its turn. So one who tries keys, or
/// sends wrong ones in a flood, takes a fraction of the connections to the database, and those
/// whose key was good before don't notice.
///
/// A good credential is only remembered for this; whether it still is good is looked up each time.
///
/// Thread-safe.
final class UnknownCredentials {
    /// An eighth of the pool.
    private static final int AT_ONCE = 2;

    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int REMEMBERED = 10_000;

    private final Semaphore turns;
    private final Duration patience;
    private final Map<String, Boolean> good = new Remembered();

    UnknownCredentials() {
        this(AT_ONCE, PATIENCE);
    }

    UnknownCredentials(int atOnce, Duration patience) {
        this.turns = new Semaphore(atOnce, true);
        this.patience = patience;
    }

    /// @param lookUp says whose credential it is, or throws
    /// @throws TryLater when it isn't its turn in time
    <T> T inTurn(String credential, Supplier<T> lookUp) {
        // The credential itself isn't kept in memory.
        String hash = Secret.hash(credential);
        if (isKnown(hash)) {
            return lookUp(hash, lookUp);
        }
        if (!hasTurn()) {
            throw new TryLater(
                    "Too many credentials that aren't known here are being looked up; try again.");
        }
        try {
            return lookUp(hash, lookUp);
        } finally {
            turns.release();
        }
    }

    private <T> T lookUp(String hash, Supplier<T> lookUp) {
        try {
            T found = lookUp.get();
            remember(hash);
            return found;
        } catch (AuthenticationException notGood) {
            forget(hash);
            throw notGood;
        }
    }

    private boolean hasTurn() {
        try {
            return turns.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean isKnown(String hash) {
        synchronized (good) {
            return good.get(hash) != null;
        }
    }

    private void remember(String hash) {
        synchronized (good) {
            good.put(hash, true);
        }
    }

    private void forget(String hash) {
        synchronized (good) {
            good.remove(hash);
        }
    }

    private static final class Remembered extends LinkedHashMap<String, Boolean> {
        private static final long serialVersionUID = 1;

        Remembered() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    }
}
