package dev.atomic.worker.queue;

import dev.atomic.shared.queue.RunGeneration;
import dev.atomic.worker.claim.Claims;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import javax.sql.DataSource;
import org.jobrunr.server.BackgroundJobServer;
import org.jobrunr.server.BackgroundJobServerConfiguration;
import org.jobrunr.server.JobActivator;
import org.jobrunr.server.JobSteward;
import org.jobrunr.utils.mapper.jackson3.Jackson3JsonMapper;

/// JobRunr's server with the two seams its open-source edition leaves: a pass over the queue can be
/// asked for, and never more is claimed than there are slots. Its own poll of 5 s, the shortest it
/// takes on SQL, stays as the safety net.
public final class JobServer extends BackgroundJobServer {
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(5);

    /// JobRunr's table is a queue, not our history, and its counts run over all of it.
    private static final Duration KEEP_SUCCEEDED = Duration.ofMinutes(2);

    private static final Duration KEEP_DELETED = Duration.ofMinutes(2);

    private final ClaimingStorage storage;

    /// @param dataSource JobRunr commits on the connections it takes from here
    /// @param slots most jobs run at once
    public JobServer(
            DataSource dataSource,
            boolean postgres,
            Claims claims,
            ScheduledExecutorService timer,
            RunGeneration.Handler handler,
            UUID worker,
            String name,
            int slots,
            Duration stopDeadline) {
        ClaimingStorage storage = new ClaimingStorage(dataSource, postgres, claims, timer);
        super(
                storage,
                new Jackson3JsonMapper(),
                activator(handler),
                BackgroundJobServerConfiguration.usingStandardBackgroundJobServerConfiguration()
                        .andId(worker)
                        .andName(name)
                        .andPollInterval(POLL_INTERVAL)
                        .andBackgroundJobServerWorkerPolicy(new Slots(slots))
                        .andDeleteSucceededJobsAfter(KEEP_SUCCEEDED)
                        .andPermanentlyDeleteDeletedJobsAfter(KEEP_DELETED)
                        .andInterruptJobsAwaitDurationOnStopBackgroundJobServer(stopDeadline));
        this.storage = storage;
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

    @Override
    protected JobSteward createJobSteward() {
        return new WakeableSteward(this);
    }

    @Override
    public void stop() {
        super.stop();
        storage.saveDone();
    }

    WakeableSteward steward() {
        return (WakeableSteward) getJobSteward();
    }

    Slots slots() {
        return (Slots) getConfiguration().getBackgroundJobServerWorkerPolicy();
    }

    CountedPasses passes() {
        return (CountedPasses) getWorkDistributionStrategy();
    }
}
