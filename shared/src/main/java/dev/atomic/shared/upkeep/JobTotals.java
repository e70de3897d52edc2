package dev.atomic.shared.upkeep;

import dev.atomic.shared.job.JobState;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;

/// Counts over all jobs there ever were: those of the `job` table and, in `deleted_total`, what
/// deleted ones leave behind, so that totals never fall.
///
/// Thread-safe; takes part in the caller's transaction.
public final class JobTotals {
    private static final String LATENCY = "latency_ms";

    private final JdbcClient jdbc;

    public JobTotals(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// @param byState of deleted jobs too
    /// @param waiting admitted and never started: what the queue's limit counts
    /// @param latencyMs from created to finished, summed over succeeded and failed jobs
    public record Totals(Map<JobState, Long> byState, long waiting, double latencyMs) {
        public long of(JobState state) {
            return byState.getOrDefault(state, 0L);
        }

        /// All that were ever admitted.
        public long admitted() {
            return byState.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    private record Group(JobState state, boolean started, long count, double latencyMs) {}

    /// Reads the whole table, so it isn't for every request.
    public Totals read() {
        Map<JobState, Long> byState = new EnumMap<>(JobState.class);
        long waiting = 0;
        double latencyMs = 0;
        for (Group group : groups()) {
            byState.merge(group.state(), group.count(), Long::sum);
            if (group.state() == JobState.QUEUED && !group.started()) {
                waiting += group.count();
            }
            if (group.state() == JobState.SUCCEEDED || group.state() == JobState.FAILED) {
                latencyMs += group.latencyMs();
            }
        }
        for (Map.Entry<String, Double> deleted : deleted().entrySet()) {
            if (deleted.getKey().equals(LATENCY)) {
                latencyMs += deleted.getValue();
            } else {
                byState.merge(
                        JobState.of(deleted.getKey()), deleted.getValue().longValue(), Long::sum);
            }
        }
        return new Totals(byState, waiting, latencyMs);
    }

    /// Adds up intervals and takes the seconds of the sum. On H2 an epoch is a division of
    /// decimals, and two of them for each job took most of the time.
    private List<Group> groups() {
        return jdbc.sql(
                        """
                        select state, started, count(*) as jobs,
                               coalesce(extract(epoch from sum(lasted)), 0) as seconds
                        from (
                            select state, case when started_at is null then 0 else 1 end as started,
                                   finished_at - created_at as lasted
                            from job
                        ) each_job
                        group by state, started
                        """)
                .query((row, _) ->
                        new Group(
                                JobState.of(row.getString("state")),
                                row.getInt("started") == 1,
                                row.getLong("jobs"),
                                row.getDouble("seconds") * 1000))
                .list();
    }

    private Map<String, Double> deleted() {
        Map<String, Double> totals = new HashMap<>();
        jdbc.sql("select name, total from deleted_total")
                .query(row -> {
                    totals.put(row.getString("name"), row.getDouble("total"));
                });
        return totals;
    }

    /// Keeps a deleted job's part of the totals.
    ///
    /// @param state a terminal one
    /// @param latency from created to finished
    void addDeleted(JobState state, Duration latency) {
        // Always in this order, so that two deletions can't deadlock.
        add(state.wire(), 1);
        if (state != JobState.CANCELLED) {
            add(LATENCY, latency.toNanos() / 1e6);
        }
    }

    private void add(String name, double amount) {
        jdbc.sql("update deleted_total set total = total + :amount where name = :name")
                .param("name", name)
                .param("amount", amount)
                .update();
    }
}
