package dev.atomic.worker.pipeline;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// How long a job waits before its next attempt: before attempt n + 1, 2 s · 4^(n − 1), ±20 %, at
/// most 60 s, or the provider's own delay if that is longer.
final class RetryDelay {
    private static final double BASE_MS = 2_000;
    private static final double MAX_MS = 60_000;

    private RetryDelay() {}

    /// @param attempt the one that failed, from 1
    static Duration after(int attempt, @Nullable Duration providers, RandomGenerator random) {
        double ms = Math.min(BASE_MS * Math.pow(4, attempt - 1.0), MAX_MS);
        Duration ours =
                Duration.ofMillis(Math.round(Math.min(ms * random.nextDouble(0.8, 1.2), MAX_MS)));
        return providers != null && providers.compareTo(ours) > 0 ? providers : ours;
    }
}
