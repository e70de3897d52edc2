package dev.atomic.shared.job;

import dev.atomic.db.Dialect;
import dev.atomic.shared.job.JobStore.Claimed;
import dev.atomic.shared.job.JobStore.NewJob;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
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
    public static final int CANDIDATES = 4;

    /// Most jobs of its tenant that a new job passes: each is a row that moves.
    public static final int MAX_PASSED = 1_000;

    /// The locked rows are named first, so that they are chosen once, whatever the plan.
    private static final String CLAIM_NEXT =
            """
            with next as materialized (
                select id as next_id from job
                where state = 'queued' and delivered and held_for = ''
                order by queue_order, id limit :limit
                for update skip locked)
            """
                    + JobStore.CLAIM
                    + " from next where id = next_id returning "
                    + JobRow.COLUMNS
                    + JobStore.OFFERED;

    /// H2 uses an index's order only when the query sorts by all of its columns. Without the state,
    /// although it is the same in every row, it read and sorted all waiting jobs (0.5 s instead of
    /// 2 ms at 100,000).
    static final String OFFERED =
            """
            select id, tenant_id from job where state = 'queued' and delivered and held_for = ''
            order by state, held_for, queue_order, id limit :limit
            """;

    /// Where a tenant's jobs wait, those that went back aside, which keep their turns.
    ///
    /// Written so that neither database chooses the index of a tenant's jobs, which has all that
    /// ended, too.
    private static final String IN_LINE =
            """
             from job
            where tenant_id || '' = :tenant and state = 'queued' and held_for = %s
              and started_at is null and queue_order >= :from and queue_order < :to
            """;

    /// Behind the last that a new job of this priority doesn't pass; if it passes all, at the
    /// first.
    private static final String ROOM =
            """
            select coalesce(
                max(case when priority > :priority
                          and created_at > cast(:at as timestamp with time zone)
                              - (priority - :priority) * cast(:worth as bigint) * interval '1' second
                    then null else queue_order end) + 1,
                min(queue_order))
            from (
            """
                    + ofTenant("priority, created_at, queue_order")
                    + ") its";

    private static final String PUT_OFF =
            "update job set queue_order = queue_order + :jobs, own_turn = own_turn + :jobs where id in ("
                    + ofTenant("id")
                    + ") and state = 'queued' and started_at is null";

    private static final String AHEAD_IN =
            """
            (select 1 from job
             where state = 'queued' and held_for = %s and queue_order <= :order
               and (queue_order < :order or (queue_order = :order and id < :id))
             limit :limit)
            """;

    private static final String AHEAD =
            "select least(count(*), :limit) from ("
                    + AHEAD_IN.formatted("''")
                    + " union all "
                    + AHEAD_IN.formatted(":tenant")
                    + ") ahead";

    private static final String NEXT_IN =
            """
            (select id, queue_order from job where state = 'queued' and held_for = %s
             order by state, held_for, queue_order, id limit :limit)
            """;

    private static final String NEXT =
            "select id from ("
                    + NEXT_IN.formatted("''")
                    + " union all "
                    + NEXT_IN.formatted(":tenant")
                    + ") next_jobs order by queue_order, id limit :limit";

    private static final Comparator<Claimed> ORDER =
            Comparator.comparingLong(Claimed::turn)
                    .thenComparing(claimed -> claimed.job().id().toString());

    private final JdbcClient jdbc;
    private final JobStore jobs;
    private final Dialect dialect;

    public WaitingJobs(JdbcClient jdbc, JobStore jobs, Dialect dialect) {
        this.jdbc = jdbc;
        this.jobs = jobs;
        this.dialect = dialect;
    }

    /// Those that may be claimed, and those that are held back: H2 doesn't look in two places of
    /// its index for one condition.
    private static String ofTenant(String columns) {
        return "select "
                + columns
                + IN_LINE.formatted("''")
                + " union all select "
                + columns
                + IN_LINE.formatted(":tenant");
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

    /// How many of a tenant's jobs were admitted and never started, counted to `limit` at most.
    public int count(String tenant, int limit) {
        return jdbc.sql(countOfTenant(dialect))
                .param("tenant", tenant)
                .param("limit", limit)
                .query(Integer.class)
                .single();
    }

    static String countOfTenant(Dialect dialect) {
        String jobs =
                switch (dialect) {
                    // Else it would read the index of all the tenant's jobs.
                    case H2 -> "job use index (job_by_turn)";
                    case POSTGRESQL -> "job";
                };
        return "select count(*) from (select 1 from "
                + jobs
                + " where tenant_id = :tenant and state = 'queued' and started_at is null"
                + " limit :limit) waiting";
    }

    /// How long ago the job that goes next among those that were never started was admitted; zero
    /// when none waits that may be claimed.
    public Duration headAge() {
        return jdbc.sql(
                        """
                        select extract(epoch from current_timestamp) - extract(epoch from created_at) as seconds
                        from job where state = 'queued' and started_at is null and held_for = ''
                        order by state, held_for, queue_order, id limit 1
                        """)
                .query((row, _) -> Duration.ofMillis((long) (row.getDouble(1) * 1_000)))
                .optional()
                .filter(age -> !age.isNegative())
                .orElse(Duration.ZERO);
    }

    /// How many waiting jobs go before this one, counted to `limit` at most; none when it is gone.
    public int ahead(UUID id, int limit) {
        return jdbc.sql("select tenant_id, queue_order from job where id = :id")
                .param("id", id)
                .query((row, _) ->
                        ahead(row.getString("tenant_id"), id, row.getLong("queue_order"), limit))
                .optional()
                .orElse(0);
    }

    /// How many waiting jobs go before one of a tenant at this place, counted to `limit` at most.
    /// What is held back for other tenants doesn't.
    public int ahead(String tenant, UUID id, long order, int limit) {
        return jdbc.sql(AHEAD)
                .param("tenant", tenant)
                .param("id", id)
                .param("order", order)
                .param("limit", limit)
                .query(Integer.class)
                .single();
    }

    /// Makes room for new jobs of one priority among those of their tenant that wait, which are put
    /// off by as many turns. So the tenant as a whole has no more turns, and none earlier, than
    /// without priorities. For the holder of the admission gate.
    ///
    /// A job that is being claimed at this moment can't be put off: the new job may then share its
    /// turn.
    ///
    /// @param like one of the new jobs
    /// @param jobs how many there are
    /// @param from the first turn they may have
    /// @param to the turn they have if they pass nobody: the first the tenant has no job at
    /// @return the first of as many turns that follow each other
    public long makeRoom(NewJob like, int jobs, long from, long to) {
        long first = Math.max(from, to - MAX_PASSED);
        long room =
                jdbc.sql(ROOM)
                        .param("tenant", like.tenantId())
                        .param("priority", like.asked().priority().rank())
                        .param("at", OffsetDateTime.ofInstant(like.createdAt(), ZoneOffset.UTC))
                        .param("worth", Priority.WORTH.toSeconds())
                        .param("from", first)
                        .param("to", to)
                        .query((row, _) -> row.getObject(1, Long.class))
                        .optional()
                        .orElse(to);
        jdbc.sql(PUT_OFF)
                .param("tenant", like.tenantId())
                .param("jobs", jobs)
                .param("from", room)
                .param("to", to)
                .update();
        return room;
    }

    /// The jobs that go next, in their order, with those that are held back for a tenant.
    public List<UUID> next(String tenant, int limit) {
        return jdbc.sql(NEXT)
                .param("tenant", tenant)
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
        return switch (dialect) {
            case H2 -> claimOffered(most, worker);
            case POSTGRESQL -> claimAtOnce(most, worker);
        };
    }

    /// Claims these jobs, as far as they still wait.
    ///
    /// @return what was claimed, in its order
    public List<Claimed> claim(Collection<UUID> ids, UUID worker) {
        return ids.isEmpty() ? List.of() : jobs.claim(ids, worker).stream().sorted(ORDER).toList();
    }

    /// A job that may be claimed.
    public record Offered(UUID id, String tenant) {}

    /// The delivered jobs that go next. Nothing is locked.
    public List<Offered> offered(int limit) {
        return jdbc.sql(OFFERED)
                .param("limit", limit)
                .query((row, _) ->
                        new Offered(row.getObject("id", UUID.class), row.getString("tenant_id")))
                .list();
    }

    private NextJobs claimAtOnce(int most, UUID worker) {
        List<Claimed> claimed =
                jdbc
                        .sql(CLAIM_NEXT)
                        .param("limit", most)
                        .param("worker", worker)
                        .query(JobStore::claimed)
                        .stream()
                        .sorted(ORDER)
                        .toList();
        return new NextJobs(claimed, claimed.size() == most);
    }

    /// The first query locks nothing and offers more candidates than are wanted; the second locks,
    /// from the first on, those of them that are still waiting. In one statement H2 either loses
    /// the order or locks every candidate.
    private NextJobs claimOffered(int most, UUID worker) {
        List<UUID> candidates = offered(most * CANDIDATES).stream().map(Offered::id).toList();
        List<UUID> locked = new ArrayList<>();
        int from = 0;
        while (locked.size() < most && from < candidates.size()) {
            int to = Math.min(from + most - locked.size(), candidates.size());
            locked.addAll(lock(candidates.subList(from, to)));
            from = to;
        }
        return new NextJobs(
                claim(locked, worker),
                from < candidates.size() || candidates.size() == most * CANDIDATES);
    }

    /// Locks those of these jobs that may be claimed, except those that others have locked.
    public List<UUID> lock(Collection<UUID> ids) {
        if (ids.isEmpty()) {
            return List.of();
        }
        return jdbc.sql(
                        """
                        select id from job
                        where id in (:ids) and state = 'queued' and delivered and held_for = ''
                        for update skip locked
                        """)
                .param("ids", ids)
                .query((row, _) -> row.getObject("id", UUID.class))
                .list();
    }
}
