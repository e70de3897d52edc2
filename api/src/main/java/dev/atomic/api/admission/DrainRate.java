package dev.atomic.api.admission;

import java.time.Duration;

/// How fast jobs leave the queue, as this process sees it between its own admissions, and what that
/// means for who was refused. Not thread-safe: the admission thread's own.
///
/// What other api processes admit in between makes the rate look smaller, never larger.
final class DrainRate {
    private static final int SHORTEST = 1;
    private static final int MAX_SECONDS = 60;

    /// Told while nothing was seen to leave yet.
    private static final int UNKNOWN = 5;

    /// A sample spans at least this long: shorter ones are mostly noise.
    private static final Duration SAMPLE = Duration.ofMillis(500);

    /// How much the newest sample counts.
    private static final double WEIGHT = 0.3;

    private boolean started;
    private long sampleBegan;
    private long expected;
    private double perSecond = -1;

    /// @param nanos now, by `System.nanoTime`
    /// @param waiting jobs found waiting, before any more are added
    void counted(long nanos, int waiting) {
        long elapsed = nanos - sampleBegan;
        if (started && elapsed < SAMPLE.toNanos()) {
            return;
        }
        if (started) {
            double left = Math.max(0, expected - waiting) / (elapsed / 1e9);
            perSecond = perSecond < 0 ? left : WEIGHT * left + (1 - WEIGHT) * perSecond;
        }
        started = true;
        sampleBegan = nanos;
        expected = waiting;
    }

    /// Jobs were added to those waiting.
    void admitted(int jobs) {
        expected += jobs;
    }

    /// Seconds until a tenth of a full queue, at least one job, should have left: coming back when
    /// the very first place is free would let few of many in.
    int retryAfterSeconds(int maxQueueSize) {
        if (perSecond < 0) {
            return UNKNOWN;
        }
        double seconds = Math.max(1, maxQueueSize / 10) / Math.max(perSecond, 1e-6);
        return (int) Math.clamp(Math.ceil(seconds), SHORTEST, MAX_SECONDS);
    }
}
