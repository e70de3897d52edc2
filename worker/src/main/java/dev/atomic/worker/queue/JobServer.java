package dev.atomic.worker.queue;

import dev.atomic.shared.queue.Deliveries;
import dev.atomic.shared.queue.RunGeneration;
import java.time.Duration;
import java.util.Objects;
import org.jobrunr.server.BackgroundJobServer;
import org.jobrunr.server.BackgroundJobServerConfiguration;
import org.jobrunr.server.JobActivator;
import org.jobrunr.server.JobSteward;
import org.jobrunr.utils.mapper.jackson3.Jackson3JsonMapper;
import org.jspecify.annotations.Nullable;

/// JobRunr's server with the two seams its open-source edition leaves: a pass over the queue can be
/// asked for, and never more is claimed than there are slots. Its own poll isn't needed for either;
/// the longer it is, the less an idle worker asks of the database.
final class JobServer extends BackgroundJobServer {
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(30);

    private final ClaimingStorage storage;
    private final Slots slots;
    private @Nullable WakeableSteward steward;

    /// @param storage the one its jobs are claimed through; what is done is saved at the stop
    JobServer(
            ClaimingStorage storage,
            Slots slots,
            RunGeneration.Handler handler,
            JobRunrQueue.Member member) {
        this.storage = storage;
        this.slots = slots;
        super(
                storage,
                new Jackson3JsonMapper(),
                activator(handler),
                BackgroundJobServerConfiguration.usingStandardBackgroundJobServerConfiguration()
                        .andId(member.worker())
                        .andName(member.name())
                        .andPollInterval(POLL_INTERVAL)
                        .andBackgroundJobServerWorkerPolicy(slots)
                        .andDeleteSucceededJobsAfter(Deliveries.KEPT)
                        .andPermanentlyDeleteDeletedJobsAfter(Deliveries.KEPT)
                        .andInterruptJobsAwaitDurationOnStopBackgroundJobServer(
                                member.stopWithin()));
    }

    private static JobActivator activator(RunGeneration.Handler handler) {
        return new JobActivator() {
            @Override
            @SuppressWarnings("unchecked") // JobRunr asks for the handler's class alone
            public <T> T activateJob(Class<T> type) {
                return (T) handler;
            }
        };
    }

    /// Called once, by JobRunr's constructor.
    @Override
    protected JobSteward createJobSteward() {
        WakeableSteward created = new WakeableSteward(this, slots);
        steward = created;
        return created;
    }

    @Override
    public void stop() {
        super.stop();
        storage.saveDone();
    }

    /// One pass over the queue; does nothing if another is under way.
    void lookForWork() {
        Objects.requireNonNull(steward).lookForWork();
    }
}
