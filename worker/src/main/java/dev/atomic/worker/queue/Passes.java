package dev.atomic.worker.queue;

import java.util.concurrent.atomic.AtomicLong;
import org.jobrunr.server.BackgroundJobServer;
import org.jobrunr.server.strategy.BasicWorkDistributionStrategy;
import org.jobrunr.server.strategy.WorkDistributionStrategy;
import org.jobrunr.storage.navigation.AmountRequest;

/// The passes over the queue: how many have begun, and whether the last one left anything. JobRunr
/// says nothing of either, but asks exactly once at the start of each pass how many jobs are
/// wanted.
///
/// Thread-safe.
final class Passes {
    private final AtomicLong begun = new AtomicLong();
    private volatile boolean left;

    /// How many passes have begun.
    long begun() {
        return begun.get();
    }

    /// Whether jobs may be waiting that the last pass didn't take.
    boolean left() {
        return left;
    }

    /// Told by a pass that looked.
    void left(boolean more) {
        left = more;
    }

    /// Asks for as many jobs as there are free slots, and counts.
    WorkDistributionStrategy counted(BackgroundJobServer server, int slots) {
        return new BasicWorkDistributionStrategy(server, slots) {
            @Override
            public AmountRequest getWorkPageRequest() {
                begun.incrementAndGet();
                // With no slot free no pass looks, and what it would have found stays.
                left = true;
                return super.getWorkPageRequest();
            }
        };
    }
}
