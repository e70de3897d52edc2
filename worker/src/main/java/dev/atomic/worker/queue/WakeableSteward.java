package dev.atomic.worker.queue;

import org.jobrunr.server.BackgroundJobServer;
import org.jobrunr.server.JobSteward;
import org.jobrunr.server.tasks.steward.OnboardNewWorkTask;

/// JobRunr's steward, with control over when it looks for work and how much is under way.
final class WakeableSteward extends JobSteward {
    private final Slots slots;

    WakeableSteward(BackgroundJobServer server, Slots slots) {
        super(server);
        this.slots = slots;
    }

    /// One pass over the queue; does nothing if another is under way.
    void lookForWork() {
        getTaskOfType(OnboardNewWorkTask.class).runTaskThreadSafe();
    }

    @Override
    public int getOccupiedWorkerCount() {
        return slots.inHand();
    }

    @Override
    public void notifyThreadOccupied() {
        // counted at the claim
    }

    /// Stock JobRunr looks for work here, and the call is dropped if a look is under way. Instead,
    /// [Slots] tells [Nudger].
    @Override
    public void notifyThreadIdle() {
        // counted at the end
    }
}
