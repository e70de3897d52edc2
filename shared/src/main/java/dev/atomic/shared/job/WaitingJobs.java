package dev.atomic.shared.job;

import dev.atomic.db.Dialect;
import dev.atomic.shared.job.JobStore.Claimed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The queue as the `job` table has it: how many wait, who goes before whom, and who goes next.
/// Over the same rows as [JobStore].
///
/// Each method takes part in the caller's transaction. Thread-safe.
public final class WaitingJobs {
    /// How many candidates are looked at for each job that is wanted, because some may be claimed
    /// by others at this moment.
    private static final int CANDIDATES = 4;

    /// The locked rows are named first, so that they are chosen once, whatever the plan.
    private static final String CLAIM_NEXT =
            """
            with next as materialized (
                select id as next_id from job where state = 'queued' and delivered
                order by queue_order, id limit :limit
                for update skip locked)
            """
                    + JobStore.CLAIM
                    + " from next where id = next_id returning "
                    + JobRow.COLUMNS
                    + JobStore.OFFERED_SINCE;

    /// H2 uses an index's order only when the query sorts by all of its columns. Without the state,
    /// although it is the same in every row, it read and sorted all waiting jobs (0.5 s instead of
    /// 2 ms at 100,000).
    static final String OFFERED =
            """
            select id from job where state = 'queued' and delivered
            order by state, queue_order, id limit :limit
            """;

    private static final Comparator<Claimed> ORDER =
            Comparator.comparingLong((Claimed claimed) ->
                            claimed.job().asked().priority().queueOrder(claimed.job().id()))
                    .thenComparing(claimed -> claimed.job().id().toString());

    private final JdbcClient jdbc;
    private final JobStore jobs;
    private final Dialect dialect;

    public WaitingJobs(JdbcClient jdbc, JobStore jobs, Dialect dialect) {
        this.jdbc = jdbc;
        this.jobs = jobs;
        this.dialect = dialect;
    }

    /// How many jobs were admitted and never started, counted to `limit` at most.
    public int count(int limit) {
        return jdbc.sql(
                        """
                        select count(*) from (
                            select 1 from job where state = 'queued' and started_at is null limit :limit
                        ) waiting
                        """)
                .param("limit", limit)
                .query(Integer.class)
                .single();
    }

    /// How long ago the job that goes next among those that were never started was admitted; zero
    /// when none waits.
    public Duration headAge() {
        return jdbc.sql(
                        """
                        select extract(epoch from current_timestamp) - extract(epoch from created_at) as seconds
                        from job where state = 'queued' and started_at is null
                        order by state, queue_order, id limit 1
                        """)
                .query((row, _) -> Duration.ofMillis((long) (row.getDouble(1) * 1_000)))
                .optional()
                .filter(age -> !age.isNegative())
                .orElse(Duration.ZERO);
    }

    /// How many waiting jobs go before this one, counted to `limit` at most.
    public int ahead(UUID id, Priority priority, int limit) {
        return jdbc.sql(
                        """
                        select count(*) from (
                            select 1 from job
                            where state = 'queued' and queue_order <= :order
                              and (queue_order < :order or (queue_order = :order and id < :id))
                            limit :limit
                        ) ahead
                        """)
                .param("id", id)
                .param("order", priority.queueOrder(id))
                .param("limit", limit)
                .query(Integer.class)
                .single();
    }

    /// The jobs that go next, in their order.
    public List<UUID> next(int limit) {
        return jdbc.sql(
                        """
                        select id from job where state = 'queued'
                        order by state, queue_order, id limit :limit
                        """)
                .param("limit", limit)
                .query((row, _) -> row.getObject("id", UUID.class))
                .list();
    }

    /// What was claimed, in its order.
    ///
    /// @param more whether more may be waiting after these
    public record NextJobs(List<Claimed> jobs, boolean more) {}

    /// Claims the delivered jobs that go next, as [JobStore#claim] does, except those that others
    /// are claiming at this moment.
    ///
    /// @param most 1 or more
    public NextJobs claimNext(int most, UUID worker) {
        NextJobs next =
                switch (dialect) {
                    case H2 -> claimOffered(most, worker);
                    case POSTGRESQL -> claimAtOnce(most, worker);
                };
        return new NextJobs(next.jobs().stream().sorted(ORDER).toList(), next.more());
    }

    private NextJobs claimAtOnce(int most, UUID worker) {
        List<Claimed> claimed =
                jdbc.sql(CLAIM_NEXT)
                        .param("limit", most)
                        .param("worker", worker)
                        .query(JobStore::claimed)
                        .list();
        return new NextJobs(claimed, claimed.size() == most);
    }

    /// The first query locks nothing and offers more candidates than are wanted; the second locks,
    /// from the first on, those of them that are still waiting. In one statement H2 either loses
    /// the order or locks every candidate.
    private NextJobs claimOffered(int most, UUID worker) {
        List<UUID> candidates =
                jdbc.sql(OFFERED)
                        .param("limit", most * CANDIDATES)
                        .query((row, _) -> row.getObject("id", UUID.class))
                        .list();
        List<UUID> locked = new ArrayList<>();
        int from = 0;
        while (locked.size() < most && from < candidates.size()) {
            int to = Math.min(from + most - locked.size(), candidates.size());
            locked.addAll(lock(candidates.subList(from, to)));
            from = to;
        }
        return new NextJobs(
                locked.isEmpty() ? List.of() : jobs.claim(locked, worker),
                from < candidates.size() || candidates.size() == most * CANDIDATES);
    }

    private List<UUID> lock(List<UUID> ids) {
        return jdbc.sql(
                        """
                        select id from job where id in (:ids) and state = 'queued' and delivered
                        for update skip locked
                        """)
                .param("ids", ids)
                .query((row, _) -> row.getObject("id", UUID.class))
                .list();
    }
}
