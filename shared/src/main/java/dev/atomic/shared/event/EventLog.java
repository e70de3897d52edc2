package dev.atomic.shared.event;

import dev.atomic.shared.Json;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;

/// The `job_event` table: one append-only log a job.
///
/// Who appends holds the job's row lock ([dev.atomic.shared.job.JobStore#advance]), so `seq` needs
/// no lock of its own. Thread-safe; appends take part in the caller's transaction.
public final class EventLog {
    private static final RowMapper<LoggedEvent> ROW =
            (row, _) ->
                    new LoggedEvent(
                            row.getObject("job_id", UUID.class),
                            row.getLong("seq"),
                            row.getString("type"),
                            row.getObject("at", OffsetDateTime.class).toInstant(),
                            row.getInt("attempt"),
                            row.getString("payload"));

    private final JdbcTemplate jdbc;

    public EventLog(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /// One event to be appended.
    public record Entry(
            UUID jobId, String tenantId, long seq, Instant at, int attempt, JobEvent event) {}

    /// Appends in one round trip.
    public void append(List<Entry> entries) {
        jdbc.batchUpdate(
                """
                insert into job_event (job_id, seq, tenant_id, type, at, attempt, payload)
                values (?, ?, ?, ?, ?, ?, ?)
                """,
                entries,
                entries.size(),
                (statement, entry) -> {
                    statement.setObject(1, entry.jobId());
                    statement.setLong(2, entry.seq());
                    statement.setString(3, entry.tenantId());
                    statement.setString(4, entry.event().type());
                    statement.setObject(5, OffsetDateTime.ofInstant(entry.at(), ZoneOffset.UTC));
                    statement.setInt(6, entry.attempt());
                    statement.setString(7, Json.write(entry.event()));
                });
    }

    /// The events behind `after`, in order.
    ///
    /// @param limit most events, 1 or more
    public List<LoggedEvent> read(UUID jobId, long after, int limit) {
        return jdbc.query(
                """
                select job_id, seq, type, at, attempt, payload
                from job_event
                where job_id = ? and seq > ?
                order by seq
                limit ?
                """,
                ROW,
                jobId,
                after,
                limit);
    }
}
