package dev.atomic.worker.queue;

import java.util.concurrent.atomic.AtomicLong;
import org.jobrunr.server.BackgroundJobServer;
import org.jobrunr.server.strategy.BasicWorkDistributionStrategy;
import org.jobrunr.storage.navigation.AmountRequest;

/// Asks for as many jobs as there are free slots, and counts the passes over the queue: JobRunr
/// asks exactly once at the start of each.
final class CountedPasses extends BasicWorkDistributionStrategy {
    private final AtomicLong passes = new AtomicLong();

    CountedPasses(BackgroundJobServer server, int slots) {
        super(server, slots);
    }

    @Override
    public AmountRequest getWorkPageRequest() {
        passes.incrementAndGet();
        return super.getWorkPageRequest();
    }

    /// How many passes have begun.
    long begun() {
        return passes.get();
    }
}
