package dev.atomic.shared.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.atomic.shared.event.EventLog.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;

/// The `packed_log` table: logs of jobs that have ended, compressed. Read through [EventLog],
/// written by [LogPacker].
///
/// Thread-safe.
final class PackedLog {
    private final JdbcTemplate jdbc;

    PackedLog(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /// As [EventLog#read(UUID, long, int, long)].
    Page read(UUID jobId, long after, int limit, long bytes) {
        List<LoggedEvent> events = new ArrayList<>();
        long last = after;
        long size = 0;
        while (true) {
            List<LoggedEvent> stretch = stretchWith(jobId, last + 1);
            if (stretch.isEmpty()) {
                return new Page(events, false);
            }
            for (LoggedEvent event : stretch) {
                if (event.seq() <= last) {
                    continue;
                }
                events.add(event);
                last = event.seq();
                size += event.payload().getBytes(UTF_8).length;
                if (events.size() == limit || size >= bytes) {
                    return new Page(events, true);
                }
            }
        }
    }

    private List<LoggedEvent> stretchWith(UUID jobId, long seq) {
        return jdbc
                .query(
                        """
                        select events from packed_log
                        where job_id = ? and last_seq >= ?
                        order by last_seq
                        limit 1
                        """,
                        (row, _) -> PackedEvents.unpack(jobId, row.getBytes("events")),
                        jobId,
                        seq)
                .stream()
                .findFirst()
                .orElse(List.of());
    }

    /// @param events the next of the log, at least one, without a gap
    void add(UUID jobId, String tenantId, List<LoggedEvent> events) {
        jdbc.update(
                """
                insert into packed_log (job_id, last_seq, tenant_id, first_seq, events)
                values (?, ?, ?, ?, ?)
                """,
                jobId,
                events.getLast().seq(),
                tenantId,
                events.getFirst().seq(),
                PackedEvents.pack(events));
    }
}
