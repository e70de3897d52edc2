package dev.atomic.shared.job;

import dev.atomic.shared.job.JobStore.Due;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/// Jobs that would be stuck unless something looked for them: those of a silent worker, those that
/// wait until they are due, and those whose delivery was lost. Over the `job` table, as [JobStore].
///
/// Each method takes part in the caller's transaction. Thread-safe.
public final class StrandedJobs {
    /// H2 chooses an index by the columns that are compared with a single value. If the state were
    /// one of them, it would read all waiting jobs. Without a lower bound it would read all that
    /// have no due time.
    static final String IS_DUE =
            """
            due_at between timestamp with time zone '2000-01-01 00:00:00+00'
              and current_timestamp + interval '0.001' second
              and not delivered and lower(state) = 'queued'
            """;

    static final String DUE =
            "select id, fence from job where "
                    + IS_DUE
                    + " order by due_at limit :limit for update";

    private final JdbcClient jdbc;

    public StrandedJobs(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Jobs whose worker has been silent for longer than this, or is gone; none when the asker
    /// itself has been silent for half as long. One statement reads both: if the database held it
    /// back (because it hung, say), it finds everybody silent and must not judge.
    ///
    /// @param asker the worker that wants to know
    public List<JobHead> orphans(UUID asker, Duration silence, int limit) {
        return jdbc.sql(
                        "select "
                                + JobRow.HEAD
                                + """
                                from job
                                where state = 'running' and not exists (
                                    select 1 from worker
                                    where worker.id = job.worker_id
                                      and worker.beat_at > current_timestamp - cast(:millis as bigint) * interval '0.001' second)
                                and exists (
                                    select 1 from worker
                                    where worker.id = :asker
                                      and worker.beat_at > current_timestamp - cast(:half as bigint) * interval '0.001' second)
                                limit :limit
                                """)
                .param("millis", silence.toMillis())
                .param("asker", asker)
                .param("half", silence.toMillis() / 2)
                .param("limit", limit)
                .query((row, _) -> JobRow.head(row))
                .list();
    }

    /// Marks waiting jobs that have no delivery yet and are due as delivered, and says which they
    /// are. `due_at` is rounded to a millisecond, up as often as down: what is due now must not
    /// wait for the next look.
    public List<Due> takeDue(int limit) {
        List<Due> due =
                jdbc.sql(DUE)
                        .param("limit", limit)
                        .query((row, _) ->
                                new Due(row.getObject("id", UUID.class), row.getLong("fence")))
                        .list();
        for (Due job : due) {
            jdbc.sql("update job set delivered = true, delivery_id = :delivery where id = :id")
                    .param("id", job.id())
                    .param("delivery", JobId.delivery(job.id(), job.fence()).toString())
                    .update();
        }
        return due;
    }

    /// Voids a waiting job's delivery; the next is due at once.
    public boolean redeliver(Due job) {
        return jdbc.sql(
                                """
                                update job set fence = fence + 1, delivered = false, due_at = current_timestamp
                                where id = :id and fence = :fence and state = 'queued' and delivered
                                """)
                        .param("id", job.id())
                        .param("fence", job.fence())
                        .update()
                == 1;
    }

    /// Removes deliveries that can't be claimed any more: their job was cancelled while it waited,
    /// was delivered again, or is deleted; also those that a worker was lost with. JobRunr would
    /// keep the former for ever, and the latter for minutes; an earlier version let it schedule
    /// them again, for ever. What ended just now is saved within a moment, and what a worker is
    /// busy with is touched at each of JobRunr's polls.
    public int removeVoidDeliveries() {
        return jdbc.sql(
                        """
                        delete from jobrunr_jobs
                        where (state in ('ENQUEUED', 'FAILED', 'SCHEDULED') and not exists (
                                select 1 from job where job.delivery_id = jobrunr_jobs.id and job.state = 'queued'))
                           or (state = 'PROCESSING' and updatedAt < localtimestamp - interval '1' minute
                               and not exists (
                                   select 1 from job
                                   where job.delivery_id = jobrunr_jobs.id and job.state in ('queued', 'running')))
                        """)
                .update();
    }

    /// Removes JobRunr's servers whose worker hasn't beaten for this long. JobRunr itself waits for
    /// several of its long polls.
    public int removeLostServers(Duration silence) {
        return jdbc.sql(
                        """
                        delete from jobrunr_backgroundjobservers where not exists (
                            select 1 from worker
                            where cast(worker.id as varchar(36)) = jobrunr_backgroundjobservers.id
                              and beat_at > current_timestamp - cast(:seconds as bigint) * interval '1' second)
                        """)
                .param("seconds", silence.toSeconds())
                .update();
    }
}
