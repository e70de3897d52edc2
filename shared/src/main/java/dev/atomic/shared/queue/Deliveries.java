package dev.atomic.shared.queue;

import dev.atomic.shared.job.JobId;
import dev.atomic.shared.job.JobStore.Due;
import java.util.List;
import org.jobrunr.jobs.Job;
import org.jobrunr.jobs.JobDetails;

/// Hands deliveries to JobRunr in the caller's transaction, so that a job and its delivery are
/// committed together or not at all: nothing needs to be swept up after a crash in between.
///
/// Thread-safe.
public final class Deliveries {
    private final QueueStorage queue;

    public Deliveries(QueueStorage queue) {
        this.queue = queue;
    }

    /// Call within a transaction; raise [Signals.Channel#WORK] after its commit.
    public void enqueue(List<Due> due) {
        List<Job> jobs =
                due.stream()
                        .map(job ->
                                new Job(
                                        JobId.delivery(job.id(), job.fence()),
                                        new JobDetails(new RunGeneration(job.id(), job.fence()))))
                        .peek(job -> job.setJobName("generation"))
                        .toList();
        queue.insert(jobs);
    }
}
