package dev.atomic.shared.upkeep;

import dev.atomic.shared.file.FileContents;
import dev.atomic.shared.job.JobId;
import dev.atomic.shared.job.JobState;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/// Jobs that have ended. They are deleted, or others are made from them; nothing else happens to
/// them. Over the `job` table, as [JobStore].
///
/// Each method takes part in the caller's transaction. Thread-safe.
public final class FinishedJobs {
    private final JdbcClient jdbc;
    private final FileContents contents;
    private final JobTotals totals;

    public FinishedJobs(JdbcClient jdbc, FileContents contents, JobTotals totals) {
        this.jdbc = jdbc;
        this.contents = contents;
        this.totals = totals;
    }

    /// Keeps a job from being deleted until the caller's transaction ends.
    ///
    /// @return whether it is there
    public boolean hold(UUID id) {
        return jdbc.sql("select id from job where id = :id for update")
                .param("id", id)
                .query(UUID.class)
                .optional()
                .isPresent();
    }

    /// How a log has ended.
    ///
    /// @param lastSeq the number of its last event
    public record Ended(String tenantId, long lastSeq) {}

    /// Keeps a job that has ended from being deleted until the caller's transaction ends.
    ///
    /// @return nothing when it isn't there, or hasn't ended
    public Optional<Ended> lock(UUID id) {
        return jdbc.sql(
                        """
                        select tenant_id, last_seq from job
                        where id = :id and state in ('succeeded', 'failed', 'cancelled')
                        for update
                        """)
                .param("id", id)
                .query((row, _) -> new Ended(row.getString("tenant_id"), row.getLong("last_seq")))
                .optional();
    }

    /// Jobs that finished longer ago than this, the oldest first.
    ///
    /// @param limit most jobs, 1 or more
    public List<UUID> expired(Duration age, int limit) {
        Instant before =
                jdbc.sql(
                                "select current_timestamp - cast(:seconds as bigint) * interval '1' second")
                        .param("seconds", age.toSeconds())
                        .query((row, _) -> row.getObject(1, OffsetDateTime.class).toInstant())
                        .single();
        // Ids are in the order of admission, and nothing finishes before it is admitted: so the
        // primary key leads to the oldest, and no index on finished_at is needed. Jobs of an api
        // whose clock is ahead go later by as much, never earlier.
        return jdbc.sql(
                        """
                        select id from job
                        where id < :first and state in ('succeeded', 'failed', 'cancelled')
                          and finished_at < current_timestamp - cast(:seconds as bigint) * interval '1' second
                        order by id limit :limit
                        """)
                .param("first", JobId.firstOf(before))
                .param("seconds", age.toSeconds())
                .param("limit", limit)
                .query((row, _) -> row.getObject("id", UUID.class))
                .list();
    }

    private record End(JobState state, Duration latency) {}

    /// Deletes a finished job with its events, checkpoints and files, and keeps its part of the
    /// totals. Contents of files go later, if no other job has the same ([FileContents#sweep]).
    ///
    /// @return whether it was there and finished
    public boolean delete(UUID id) {
        Optional<End> end = lockEnd(id);
        if (end.isEmpty()) {
            return false;
        }
        contents.releaseAll(id);
        jdbc.sql("delete from job where id = :id").param("id", id).update();
        totals.addDeleted(end.get().state(), end.get().latency());
        return true;
    }

    private Optional<End> lockEnd(UUID id) {
        return jdbc.sql(
                        """
                        select state, created_at, finished_at from job
                        where id = :id and state in ('succeeded', 'failed', 'cancelled')
                        for update
                        """)
                .param("id", id)
                .query((row, _) ->
                        new End(
                                JobState.of(row.getString("state")),
                                Duration.between(
                                        row.getObject("created_at", OffsetDateTime.class),
                                        row.getObject("finished_at", OffsetDateTime.class))))
                .optional();
    }
}
