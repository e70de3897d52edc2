package dev.atomic.shared.event;

import dev.atomic.shared.upkeep.FinishedJobs;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/// Moves the long logs of jobs that have ended from `job_event` to `packed_log`. A reader finds a
/// log whole in the one or the other ([EventLog]). The `long_log` table lists those yet to be
/// moved.
///
/// Each method takes part in the caller's transaction. Thread-safe.
public final class LogPacker {
    /// Most events of a packed row, and the bytes of their payloads at which it is full. A reader
    /// unpacks a row at a time, and a packer holds one.
    private static final int EVENTS = 1_000;

    private static final long BYTES = 256 * 1024;

    private static final UUID BEFORE_ALL = new UUID(0, 0);

    private final JdbcTemplate jdbc;
    private final FinishedJobs finished;
    private final EventLog log;
    private final PackedLog packed;

    public LogPacker(JdbcTemplate jdbc, FinishedJobs finished, EventLog log) {
        this.jdbc = jdbc;
        this.finished = finished;
        this.log = log;
        this.packed = new PackedLog(jdbc);
    }

    /// Jobs whose logs are long, have ended this long ago and aren't packed, by id.
    ///
    /// @param after only jobs with larger ids; null for all
    /// @param limit most jobs, 1 or more
    public List<UUID> ended(Duration ago, @Nullable UUID after, int limit) {
        return jdbc.query(
                """
                select job_id from long_log
                where job_id > ?
                  and ended_at < current_timestamp - cast(? as bigint) * interval '0.001' second
                order by job_id limit ?
                """,
                (row, _) -> row.getObject("job_id", UUID.class),
                after == null ? BEFORE_ALL : after,
                ago.toMillis(),
                limit);
    }

    /// Packs a job's log, however long it is, under the lock of its row: nobody else packs or
    /// deletes it meanwhile, and a job that has ended is never written to again.
    ///
    /// @return whether it was there and not packed
    /// @throws IllegalStateException when its events aren't all there; the transaction must be
    ///   rolled back
    public boolean pack(UUID jobId) {
        Optional<FinishedJobs.Ended> ended = finished.lock(jobId);
        if (ended.isEmpty()) {
            return false;
        }
        long seq = 0;
        EventLog.Page page;
        do {
            page = log.readLive(jobId, seq, EVENTS, BYTES);
            if (!page.events().isEmpty()) {
                seq = follows(seq, page.events());
                packed.add(jobId, ended.get().tenantId(), page.events());
            }
        } while (page.more());
        if (seq == 0) {
            return false;
        }
        int deleted = jdbc.update("delete from job_event where job_id = ?", jobId);
        jdbc.update("delete from long_log where job_id = ?", jobId);
        if (seq != ended.get().lastSeq() || deleted != seq) {
            throw new IllegalStateException(
                    "the log of job "
                            + jobId
                            + " has "
                            + deleted
                            + " events, not "
                            + ended.get().lastSeq());
        }
        return true;
    }

    private static long follows(long seq, List<LoggedEvent> events) {
        long last = seq;
        for (LoggedEvent event : events) {
            if (event.seq() != last + 1) {
                throw new IllegalStateException(
                        "the log of job " + event.jobId() + " lacks event " + (last + 1));
            }
            last = event.seq();
        }
        return last;
    }
}
