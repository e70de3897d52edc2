package dev.atomic.shared.queue;

import dev.atomic.shared.job.JobId;
import dev.atomic.shared.job.JobStore.Due;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jobrunr.jobs.Job;
import org.jobrunr.jobs.JobDetails;
import org.jobrunr.jobs.states.EnqueuedState;

/// Hands deliveries to JobRunr in the caller's transaction, so that a job and its delivery are
/// committed together or not at all: nothing needs to be swept up after a crash in between.
///
/// Thread-safe.
public final class Deliveries {
    /// How long one that has ended is still listed. JobRunr's table is a queue, not our history,
    /// and its counts run over all of it.
    public static final Duration KEPT = Duration.ofMinutes(2);

    private final QueueStorage queue;
    private final Clock clock;

    public Deliveries(QueueStorage queue, Clock clock) {
        this.queue = queue;
        this.clock = clock;
    }

    /// Call within a transaction; raise [Signals.Channel#WORK] after its commit.
    public void enqueue(List<Due> due) {
        Instant now = clock.instant();
        queue.insert(due.stream().map(job -> delivery(job, now, 0)).toList());
    }

    /// A delivery on offer. It says nothing that isn't known from its job's row, so a worker need
    /// not read it: that was a third of what a claim took.
    ///
    /// @param version 0 before it is stored, 1 until somebody changes it
    static Job delivery(Due job, Instant since, int version) {
        Job delivery =
                new Job(
                        JobId.delivery(job.id(), job.fence()),
                        version,
                        new JobDetails(new RunGeneration(job.id(), job.fence())),
                        List.of(new EnqueuedState(since)),
                        new ConcurrentHashMap<>());
        delivery.setJobName("generation");
        // JobRunr fails a delivery whose server was lost. It would schedule it again, up to ten
        // times, long after our own recovery has delivered the job anew.
        delivery.setAmountOfRetries(0);
        return delivery;
    }
}
