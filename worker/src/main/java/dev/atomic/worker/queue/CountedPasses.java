package dev.atomic.worker.queue;

import java.util.concurrent.atomic.AtomicLong;
import org.jobrunr.server.BackgroundJobServer;
import org.jobrunr.server.strategy.BasicWorkDistributionStrategy;
import org.jobrunr.storage.navigation.AmountRequest;

/// Asks for as many jobs as there are free slots, counts the passes over the queue (JobRunr asks
/// exactly once at the start of each), and remembers whether the last one left anything.
final class CountedPasses extends BasicWorkDistributionStrategy {
    private final AtomicLong passes = new AtomicLong();
    private volatile boolean left;

    CountedPasses(BackgroundJobServer server, int slots) {
        super(server, slots);
    }

    @Override
    public AmountRequest getWorkPageRequest() {
        passes.incrementAndGet();
        left = true;
        return super.getWorkPageRequest();
    }

    /// Told by a pass that looked: with no slot free none does, and what it would have found stays.
    void left(boolean more) {
        left = more;
    }

    /// Whether jobs may be waiting that the last pass didn't take.
    boolean left() {
        return left;
    }

    /// How many passes have begun.
    long begun() {
        return passes.get();
    }
}
