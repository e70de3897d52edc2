package dev.atomic.worker.sandbox.verdict;

import dev.atomic.shared.verify.Limits;
import dev.atomic.worker.sandbox.run.RunnerRecord;

/// Whether the engine's scheduling, not the program, used up a run's time.
public final class Throttling {
    private static final double MUCH = 0.25;
    private static final double FAIR = 0.75;

    private Throttling() {}

    /// A program that wants more processor than its share is throttled too, but then it got its
    /// share. If it was held back for a good part of the time *and* fell short of its share, that
    /// isn't its doing.
    public static boolean wasUnfair(RunnerRecord.Ended end, Limits limits) {
        if (!end.limit().equals("wall") || end.cpuUs() < 0) {
            return false;
        }
        double share = end.wallUs() * (limits.cpuMillicores() / 1000.0);
        return end.throttledUs() > end.wallUs() * MUCH && end.cpuUs() < share * FAIR;
    }
}
