package dev.atomic.shared.tenant;

import dev.atomic.db.Dialect;
import dev.atomic.shared.job.JobStore.NewJob;
import dev.atomic.shared.job.Priority;
import dev.atomic.shared.job.WaitingJobs;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The `tenant_queue` table: whose turn it is. Start-time fair queueing (Goyal, Vin, Cheng: SIGCOMM
/// 1996), decided when a job is admitted, so that a claim reads one index from its beginning,
/// however many tenants wait.
///
/// Each job takes one turn of its tenant. A tenant's jobs have turns that follow each other; a
/// tenant that has none waiting begins at the turn which is claimed now. So with N tenants waiting,
/// each gets one claim in N, whatever the length of its queue. With a single tenant the turns are
/// in the order of admission.
///
/// Priorities decide which of its jobs has which of a tenant's turns. Rejected: a high job at an
/// earlier turn without putting off the tenant's others. A hundred of them delay every tenant that
/// waits by a hundred claims.
///
/// Takes part in the caller's transaction. Thread-safe.
public final class TenantQueues {
    /// The turn that is claimed now: that of the first job which was never started. Jobs that went
    /// back, or are held back, keep a turn of long ago. Beginning there would give a tenant all
    /// turns since.
    public static final String CLAIMED_NOW =
            """
            (select queue_order from job
             where state = 'queued' and delivered and held_for = '' and started_at is null
             order by state, held_for, queue_order, id limit 1)
            """;

    private static final String LOW_AT = "cast(:low as timestamp with time zone)";

    private static final String TAKE =
            "update tenant_queue set next_turn = greatest(next_turn, coalesce("
                    + CLAIMED_NOW
                    + ", :idle)) + :jobs, low_at = coalesce("
                    + LOW_AT
                    + ", low_at), submits_until = :until, waiting_at_most = :waiting"
                    + " where tenant_id = :tenant";

    private static final String BEGIN =
            "insert into tenant_queue (tenant_id, submits_until, waiting_at_most, next_turn, low_at)"
                    + " values (:tenant, :until, :waiting, coalesce("
                    + CLAIMED_NOW
                    + ", :idle) + :jobs, "
                    + LOW_AT
                    + ")";

    private static final String QUEUE = "next_turn, low_at";

    private final JdbcClient jdbc;
    private final WaitingJobs waiting;
    private final String take;
    private final String begin;

    public TenantQueues(JdbcClient jdbc, WaitingJobs waiting, Dialect dialect) {
        this.jdbc = jdbc;
        this.waiting = waiting;
        this.take = dialect.returning(TAKE, QUEUE);
        this.begin = dialect.returning(BEGIN, QUEUE);
    }

    /// A tenant's row.
    ///
    /// @param nextTurn the first that the tenant has no job at
    /// @param lowAt when a job of low priority came last; null if never
    private record Queue(long nextTurn, @Nullable Instant lowAt) {
        /// Whether a job of this priority may pass any that wait. That is rare, and the look costs
        /// a statement.
        boolean mayBePassed(Priority by, Instant at) {
            return switch (by) {
                case HIGH -> true;
                case NORMAL -> lowAt != null && lowAt.isAfter(at.minus(Priority.WORTH));
                case LOW -> false;
            };
        }
    }

    /// What a tenant's limits go by.
    ///
    /// @param submitsUntil as [SubmitRate] keeps it; null if nobody did
    /// @param waitingAtMost no fewer than its jobs that were never started; null if nobody counted
    public record Counts(@Nullable Long submitsUntil, @Nullable Long waitingAtMost) {
        public static final Counts NONE = new Counts(null, null);
    }

    /// What these tenants' limits go by; those that never had a job are left out. For the holder of
    /// the admission gate.
    public Map<String, Counts> counts(Collection<String> of) {
        Map<String, Counts> counts = new HashMap<>();
        jdbc.sql(
                        """
                        select tenant_id, submits_until, waiting_at_most
                        from tenant_queue where tenant_id in (:tenants)
                        """)
                .param("tenants", of)
                .query(row -> {
                    counts.put(
                            row.getString("tenant_id"),
                            new Counts(
                                    row.getObject("submits_until", Long.class),
                                    row.getObject("waiting_at_most", Long.class)));
                });
        return counts;
    }

    /// Gives turns to jobs of a tenant that are about to be inserted. For the holder of the
    /// admission gate: two that make the same tenant's row at once would fail.
    ///
    /// @param jobs of one tenant and one moment, 1 or more, in the order they came
    /// @param idle where turns begin when no job waits: not below any turn given before
    /// @param counts what the tenant's limits go by from now on
    /// @return the same jobs at their turns, higher priorities first
    public List<NewJob> take(List<NewJob> jobs, long idle, Counts counts) {
        Map<Priority, List<NewJob>> lanes =
                jobs.stream()
                        .collect(
                                Collectors.groupingBy(
                                        job -> job.asked().priority(),
                                        () -> new EnumMap<>(Priority.class),
                                        Collectors.toList()));
        Instant now = jobs.getFirst().createdAt();
        Instant low = lanes.containsKey(Priority.LOW) ? now : null;
        String tenant = jobs.getFirst().tenantId();
        Queue queue =
                statement(take, tenant, idle, jobs.size(), low, counts)
                        .optional()
                        .orElseGet(() ->
                                statement(begin, tenant, idle, jobs.size(), low, counts).single());
        List<NewJob> atTurns = new ArrayList<>();
        long free = queue.nextTurn() - jobs.size();
        long from = Long.MIN_VALUE;
        for (Map.Entry<Priority, List<NewJob>> lane : lanes.entrySet()) {
            List<NewJob> its = lane.getValue();
            long turn =
                    queue.mayBePassed(lane.getKey(), now)
                            ? waiting.makeRoom(its.getFirst(), its.size(), from, free)
                            : free;
            free += its.size();
            for (NewJob job : its) {
                atTurns.add(job.atTurn(turn++));
            }
            from = turn;
        }
        return atTurns;
    }

    private JdbcClient.MappedQuerySpec<Queue> statement(
            String sql, String tenant, long idle, int jobs, @Nullable Instant low, Counts counts) {
        return jdbc.sql(sql)
                .param("tenant", tenant)
                .param("idle", idle)
                .param("jobs", jobs)
                .param("until", counts.submitsUntil())
                .param("waiting", counts.waitingAtMost())
                .param("low", low == null ? null : OffsetDateTime.ofInstant(low, ZoneOffset.UTC))
                .query((row, _) -> {
                    OffsetDateTime lowAt = row.getObject("low_at", OffsetDateTime.class);
                    return new Queue(
                            row.getLong("next_turn"), lowAt == null ? null : lowAt.toInstant());
                });
    }
}
