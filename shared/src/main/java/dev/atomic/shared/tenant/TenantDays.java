package dev.atomic.shared.tenant;

import dev.atomic.shared.job.Reservation;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The `tenant_day` table: what each tenant spent in a day and what is set aside for jobs that
/// haven't ended. All that a job spends counts to the day on which it was admitted.
///
/// What is set aside when a job is admitted, by a conditional update, is replaced by what it cost
/// in the transaction that ends it. So the two together never pass the limit, however many
/// processes admit and end jobs.
///
/// Takes part in the caller's transaction. Thread-safe.
public final class TenantDays {
    /// Billionths of a dollar.
    public static final double NANOS = 1e9;

    private final JdbcClient jdbc;
    private final TenantLimits limits;

    public TenantDays(JdbcClient jdbc, TenantLimits limits) {
        this.jdbc = jdbc;
        this.limits = limits;
    }

    /// What a tenant has used of a day.
    ///
    /// @param nanos spent or set aside, in billionths of a US dollar
    /// @param tokens spent or set aside
    public record Used(long nanos, long tokens) {
        static final Used NOTHING = new Used(0, 0);
    }

    /// Sets aside what a job may spend. For the holder of the admission gate: two that make the
    /// same row at once would fail.
    ///
    /// @return whether that is within the tenant's limits
    public boolean reserve(String tenant, Reservation asked) {
        if (update(tenant, asked)) {
            return true;
        }
        if (find(tenant, asked.day()).isPresent()) {
            return false;
        }
        jdbc.sql(
                        """
                        insert into tenant_day (tenant_id, on_day, spent_nanos, spent_tokens, reserved_nanos, reserved_tokens)
                        values (:tenant, :day, 0, 0, 0, 0)
                        """)
                .param("tenant", tenant)
                .param("day", asked.day())
                .update();
        return update(tenant, asked);
    }

    private boolean update(String tenant, Reservation asked) {
        return jdbc.sql(
                                """
                                update tenant_day
                                set reserved_nanos = reserved_nanos + :nanos, reserved_tokens = reserved_tokens + :tokens
                                where tenant_id = :tenant and on_day = :day
                                  and (:most = 0 or spent_nanos + reserved_nanos + :nanos <= :most)
                                  and (:mostTokens = 0 or spent_tokens + reserved_tokens + :tokens <= :mostTokens)
                                """)
                        .param("tenant", tenant)
                        .param("day", asked.day())
                        .param("nanos", asked.nanos())
                        .param("tokens", asked.tokens())
                        .param("most", limits.nanosPerDay())
                        .param("mostTokens", (long) limits.tokensPerDay())
                        .update()
                == 1;
    }

    /// What a tenant has used of a day.
    public Used used(String tenant, LocalDate day) {
        return find(tenant, day).orElse(Used.NOTHING);
    }

    private Optional<Used> find(String tenant, LocalDate day) {
        return jdbc.sql(
                        """
                        select spent_nanos + reserved_nanos as nanos, spent_tokens + reserved_tokens as tokens
                        from tenant_day where tenant_id = :tenant and on_day = :day
                        """)
                .param("tenant", tenant)
                .param("day", day)
                .query((row, _) -> new Used(row.getLong("nanos"), row.getLong("tokens")))
                .optional();
    }

    /// Locks these tenants' rows of a day, for who reserves for several: in the order in which
    /// [#settle] takes them.
    public void lock(SortedSet<String> tenants, LocalDate day) {
        for (String tenant : tenants) {
            jdbc.sql(
                            """
                            select tenant_id from tenant_day
                            where tenant_id = :tenant and on_day = :day for update
                            """)
                    .param("tenant", tenant)
                    .param("day", day)
                    .query((_, _) -> tenant)
                    .list();
        }
    }

    /// Locks the row that a job counts to. For who ends a waiting job, before that is locked: an
    /// admission locks the day first, and then the jobs it puts off.
    public void lockOf(UUID job) {
        if (!limits.concernDays()) {
            return;
        }
        jdbc.sql(
                        """
                        select tenant_id from tenant_day
                        where tenant_id = (select tenant_id from job where id = :job)
                          and on_day = (select budget_day from job where id = :job)
                        for update
                        """)
                .param("job", job)
                .query((row, _) -> row.getString("tenant_id"))
                .list();
    }

    private record Key(String tenant, LocalDate day) {}

    private record Ended(Key key, long nanos, long tokens, long spentNanos, long spentTokens) {
        Ended plus(Ended other) {
            return new Ended(
                    key,
                    nanos + other.nanos,
                    tokens + other.tokens,
                    spentNanos + other.spentNanos,
                    spentTokens + other.spentTokens);
        }
    }

    /// Counts what jobs cost in place of what was set aside for them. For the transaction that ends
    /// them, once all that they cost is written. A cost that nobody knows counts as nothing.
    public void settle(Collection<UUID> jobs) {
        if (!limits.concernDays() || jobs.isEmpty()) {
            return;
        }
        // By tenant and day, so that two transactions can't deadlock.
        Map<Key, Ended> ended =
                new TreeMap<>(Comparator.comparing(Key::tenant).thenComparing(Key::day));
        for (Ended one : ended(jobs)) {
            ended.merge(one.key(), one, Ended::plus);
        }
        ended.values().forEach(this::settle);
    }

    private List<Ended> ended(Collection<UUID> jobs) {
        return jdbc.sql(
                        """
                        select tenant_id, budget_day, reserved_nanos, reserved_tokens,
                               (select sum(cost_usd) from job_usage where job_id = id) as cost,
                               (select sum(input_tokens + output_tokens) from job_usage where job_id = id) as tokens
                        from job where id in (:jobs) and budget_day is not null
                        """)
                .param("jobs", new ArrayList<>(jobs))
                .query((row, _) ->
                        new Ended(
                                new Key(
                                        row.getString("tenant_id"),
                                        row.getObject("budget_day", LocalDate.class)),
                                row.getLong("reserved_nanos"),
                                row.getLong("reserved_tokens"),
                                Math.round(row.getDouble("cost") * NANOS),
                                row.getLong("tokens")))
                .list();
    }

    private void settle(Ended ended) {
        jdbc.sql(
                        """
                        update tenant_day
                        set reserved_nanos = reserved_nanos - :nanos, reserved_tokens = reserved_tokens - :tokens,
                            spent_nanos = spent_nanos + :spent, spent_tokens = spent_tokens + :spentTokens
                        where tenant_id = :tenant and on_day = :day
                        """)
                .param("tenant", ended.key().tenant())
                .param("day", ended.key().day())
                .param("nanos", ended.nanos())
                .param("tokens", ended.tokens())
                .param("spent", ended.spentNanos())
                .param("spentTokens", ended.spentTokens())
                .update();
    }

    /// Deletes the days before this one.
    public void forgetBefore(LocalDate day) {
        jdbc.sql("delete from tenant_day where on_day < :day").param("day", day).update();
    }
}
