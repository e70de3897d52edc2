package dev.atomic.worker.queue;

import java.util.concurrent.atomic.AtomicInteger;
import org.jobrunr.server.BackgroundJobServer;
import org.jobrunr.server.JobSteward;
import org.jobrunr.server.tasks.steward.OnboardNewWorkTask;

/// JobRunr's steward with an exact count of what is in hand. Stock counts a job only once its
/// thread has started it, and so claims more than it can run (20 on 16 workers, 9 on 4; measured):
/// the excess sits in PROCESSING without a heartbeat. Here a job counts from its claim to its end.
final class WakeableSteward extends JobSteward {
    private final AtomicInteger inHand = new AtomicInteger();
    private volatile Runnable onIdle = () -> {};

    WakeableSteward(BackgroundJobServer server) {
        super(server);
    }

    /// Runs after each end of a job; replaces stock's own look for work, which is dropped if one is
    /// under way.
    void onIdle(Runnable action) {
        onIdle = action;
    }

    void claimed() {
        inHand.incrementAndGet();
    }

    /// One pass over the queue; does nothing if another is under way.
    void lookForWork() {
        getTaskOfType(OnboardNewWorkTask.class).runTaskThreadSafe();
    }

    @Override
    public int getOccupiedWorkerCount() {
        return inHand.get();
    }

    @Override
    public void notifyThreadOccupied() {
        // counted at the claim
    }

    @Override
    public void notifyThreadIdle() {
        inHand.decrementAndGet();
        onIdle.run();
    }
}
