package dev.atomic.shared.job;

import dev.atomic.shared.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// How a row of the `job` table is read, with what was asked ([#COLUMNS]) or without ([#HEAD]).
final class JobRow {
    static final String COLUMNS =
            """
            id, tenant_id, trace_id, kind, state, priority, attempt, max_attempts, fence, losses, worker_id,
            cancel_requested, last_seq, error, retry_of, previous_job_id, created_at, started_at, deadline_at, finished_at, current_timestamp as read_at,
            (select input from job_request where job_id = id) as input
            """;

    static final String HEAD =
            """
            id, tenant_id, state, attempt, fence, losses, worker_id, cancel_requested, last_seq, created_at,
            exists (select 1 from webhook where webhook.job_id = job.id) as has_webhook
            """;

    private JobRow() {}

    static Job read(ResultSet row) throws SQLException {
        String error = row.getString("error");
        return new Job(
                row.getObject("id", UUID.class),
                row.getString("tenant_id"),
                row.getString("trace_id"),
                new Job.Asked(
                        Kind.of(row.getString("kind")),
                        Priority.ofRank(row.getInt("priority")),
                        Json.read(row.getString("input"), JobInput.class),
                        row.getInt("max_attempts"),
                        row.getObject("retry_of", UUID.class),
                        row.getObject("previous_job_id", UUID.class)),
                course(row),
                new Job.Result(error == null ? null : Json.read(error, Failure.class)),
                new Job.Times(
                        instant(row, "created_at"),
                        nullableInstant(row, "started_at"),
                        nullableInstant(row, "deadline_at"),
                        nullableInstant(row, "finished_at"),
                        instant(row, "read_at")));
    }

    static JobHead head(ResultSet row) throws SQLException {
        return new JobHead(
                row.getObject("id", UUID.class),
                row.getString("tenant_id"),
                course(row),
                instant(row, "created_at"),
                row.getBoolean("has_webhook"));
    }

    private static Job.Course course(ResultSet row) throws SQLException {
        return new Job.Course(
                JobState.of(row.getString("state")),
                row.getInt("attempt"),
                row.getInt("losses"),
                row.getLong("fence"),
                row.getObject("worker_id", UUID.class),
                row.getBoolean("cancel_requested"),
                row.getLong("last_seq"));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static @Nullable Instant nullableInstant(ResultSet row, String column)
            throws SQLException {
        OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }
}
