package dev.atomic.shared.queue;

import dev.atomic.shared.job.JobId;
import dev.atomic.shared.job.JobStore.Due;
import java.sql.Connection;
import java.util.List;
import javax.sql.DataSource;
import org.jobrunr.jobs.Job;
import org.jobrunr.jobs.JobDetails;
import org.springframework.jdbc.datasource.DataSourceUtils;

/// Hands deliveries to JobRunr in the caller's transaction, so that a job and its delivery are
/// committed together or not at all: nothing needs to be swept up after a crash in between.
///
/// Thread-safe.
public final class Deliveries {
    private final QueueStorage queue;
    private final DataSource dataSource;

    public Deliveries(QueueStorage queue, DataSource dataSource) {
        this.queue = queue;
        this.dataSource = dataSource;
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
        Connection connection = DataSourceUtils.getConnection(dataSource);
        try {
            queue.insert(connection, jobs);
        } finally {
            DataSourceUtils.releaseConnection(connection, dataSource);
        }
    }
}
