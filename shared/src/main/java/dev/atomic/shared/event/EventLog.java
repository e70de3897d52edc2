package dev.atomic.shared.event;

import dev.atomic.shared.Json;
import java.sql.ResultSet;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;

/// The `job_event` table: one append-only log a job. Once a job has ended, a long log is packed
/// ([LogPacker]) and read from there; who reads doesn't see the difference.
///
/// The appender holds the job's row lock ([dev.atomic.shared.job.JobStore#advance]), so `seq` needs
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

    /// Most rows of one statement. Each number of rows is a different statement to the database.
    private static final int ROWS = 64;

    /// A log is packed if it has this many events. Packing a shorter one costs more than it saves.
    static final int LONG = 32;

    /// The sizes are summed up in the database, so that what is beyond the page isn't sent here.
    private static final String PAGE =
            """
            select job_id, seq, type, at, attempt, payload, size
            from (select found.*, sum(size) over (order by seq) - size as size_before
                  from (select job_id, seq, type, at, attempt, payload, octet_length(payload) as size
                        from job_event
                        where job_id = ? and seq > ?
                        order by seq
                        limit ?) found) sized
            where size_before < ?
            """;

    /// Most logs read with one statement.
    private static final int LOGS = 16;

    /// No job has this id.
    private static final UUID NOBODY = new UUID(0, 0);

    private final JdbcTemplate jdbc;
    private final PackedLog packed;

    public EventLog(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
        this.packed = new PackedLog(jdbc);
    }

    /// One event to be appended.
    public record Entry(
            UUID jobId, String tenantId, long seq, Instant at, int attempt, JobEvent event) {}

    /// Appends many rows with each statement, and lists long logs that end with them as ready to be
    /// packed.
    public void append(List<Entry> entries) {
        for (int from = 0; from < entries.size(); from += ROWS) {
            appendRows(entries.subList(from, Math.min(from + ROWS, entries.size())));
        }
        for (Entry entry : entries) {
            if (entry.seq() >= LONG && entry.event().isTerminal()) {
                jdbc.update(
                        "insert into long_log (job_id, ended_at) values (?, current_timestamp)",
                        entry.jobId());
            }
        }
    }

    private void appendRows(List<Entry> entries) {
        List<Object> values = new ArrayList<>();
        for (Entry entry : entries) {
            Collections.addAll(
                    values,
                    entry.jobId(),
                    entry.seq(),
                    entry.tenantId(),
                    entry.event().type(),
                    OffsetDateTime.ofInstant(entry.at(), ZoneOffset.UTC),
                    entry.attempt(),
                    Json.write(entry.event()));
        }
        jdbc.update(
                """
                insert into job_event (job_id, seq, tenant_id, type, at, attempt, payload)
                values
                """
                        + String.join(
                                ", ", Collections.nCopies(entries.size(), "(?, ?, ?, ?, ?, ?, ?)")),
                values.toArray());
    }

    /// The events after `after`, in order.
    ///
    /// @param limit most events, 1 or more
    public List<LoggedEvent> read(UUID jobId, long after, int limit) {
        List<LoggedEvent> live =
                jdbc.query(
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
        return live.isEmpty() ? packed.read(jobId, after, limit, Long.MAX_VALUE).events() : live;
    }

    /// Events in order.
    ///
    /// @param more whether the page ended because of its limits, so there may be more events after
    ///   it
    public record Page(List<LoggedEvent> events, boolean more) {}

    /// The events after `after`, in order, until there are `limit` of them or their payloads have
    /// `bytes` together: the last one may go beyond.
    ///
    /// @param limit most events, 1 or more
    /// @param bytes of UTF-8, 1 or more: one event is read in any case
    public Page read(UUID jobId, long after, int limit, long bytes) {
        // In this order: a log that is packed between the two statements is in the second.
        Page live = readLive(jobId, after, limit, bytes);
        return live.events().isEmpty() ? packed.read(jobId, after, limit, bytes) : live;
    }

    /// As [#read(UUID, long, int, long)], of a log that isn't packed.
    Page readLive(UUID jobId, long after, int limit, long bytes) {
        return readLive(Map.of(jobId, after), limit, bytes).getFirst();
    }

    /// The next pages of many logs, read with one statement for every 16 of them.
    ///
    /// @param after for each job the number of the event before its page
    /// @param limit most events of each page, 1 or more
    /// @param bytes of each page, as of [#read(UUID, long, int, long)]
    /// @param page is given each job's page as soon as it is read, so that few are held at once
    public void readEach(
            Map<UUID, Long> after, int limit, long bytes, BiConsumer<UUID, Page> page) {
        Map<UUID, Long> some = new LinkedHashMap<>();
        for (Map.Entry<UUID, Long> one : after.entrySet()) {
            some.put(one.getKey(), one.getValue());
            if (some.size() == LOGS) {
                readSome(some, limit, bytes, page);
                some.clear();
            }
        }
        if (!some.isEmpty()) {
            readSome(some, limit, bytes, page);
        }
    }

    private void readSome(
            Map<UUID, Long> after, int limit, long bytes, BiConsumer<UUID, Page> page) {
        // In this order: a log that is packed between the two statements is in the second.
        Iterator<Page> live = readLive(after, limit, bytes).iterator();
        after.forEach((job, seq) -> {
            Page next = live.next();
            page.accept(job, next.events().isEmpty() ? packed.read(job, seq, limit, bytes) : next);
        });
    }

    /// @return the pages in the order of the map
    private List<Page> readLive(Map<UUID, Long> after, int limit, long bytes) {
        // Each number of logs is a different statement to the database.
        int logs = Integer.highestOneBit(2 * after.size() - 1);
        List<Object> values = new ArrayList<>();
        after.forEach((job, seq) -> Collections.addAll(values, job, seq, limit, bytes));
        for (int i = after.size(); i < logs; i++) {
            Collections.addAll(values, NOBODY, 0L, limit, bytes);
        }
        Map<UUID, Read> read = new LinkedHashMap<>();
        after.keySet().forEach(job -> read.put(job, new Read()));
        jdbc.query(
                String.join(" union all ", Collections.nCopies(logs, PAGE)),
                (ResultSet row) -> {
                    Read of = Objects.requireNonNull(read.get(row.getObject("job_id", UUID.class)));
                    of.events.add(ROW.mapRow(row, 0));
                    of.size += row.getLong("size");
                },
                values.toArray());
        return read.values().stream().map(of -> of.page(limit, bytes)).toList();
    }

    private static final class Read {
        private final List<LoggedEvent> events = new ArrayList<>();
        private long size;

        Page page(int limit, long bytes) {
            events.sort(Comparator.comparingLong(LoggedEvent::seq));
            return new Page(events, events.size() == limit || size >= bytes);
        }
    }
}
