package dev.atomic.shared.checkpoint;

import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.StageName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The `job_usage` table: what a job's models were paid, by stage and provider. Rounds that were
/// voided are in it, because they were paid too. Writers hold the job's row ([JobStore#advance]).
///
/// Thread-safe; takes part in the caller's transaction.
public final class UsageStore {
    private final JdbcClient jdbc;

    public UsageStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// What one provider was paid for one stage.
    ///
    /// @param provider null where nobody said who was paid
    public record Paid(StageName stage, @Nullable String provider, Usage usage) {}

    /// Adds what a stage's model was paid; nothing for nothing.
    public void add(Job job, Paid paid) {
        Usage usage = paid.usage();
        if (usage.equals(Usage.NONE)) {
            return;
        }
        // A sum with an unknown part is unknown, as null is in SQL.
        int added =
                write(
                        """
                        update job_usage
                        set input_tokens = input_tokens + :input, output_tokens = output_tokens + :output,
                            cost_usd = cost_usd + cast(:cost as double precision),
                            usage_estimated = usage_estimated or :estimated
                        where job_id = :job and stage = :stage and provider = :provider and tenant_id = :tenant
                        """,
                        job,
                        paid);
        if (added == 0) {
            write(
                    """
                    insert into job_usage (job_id, tenant_id, stage, provider, input_tokens, output_tokens,
                                           cost_usd, usage_estimated)
                    values (:job, :tenant, :stage, :provider, :input, :output,
                            cast(:cost as double precision), :estimated)
                    """,
                    job,
                    paid);
        }
    }

    private int write(String sql, Job job, Paid paid) {
        return jdbc.sql(sql)
                .param("job", job.id())
                .param("tenant", job.tenantId())
                .param("stage", paid.stage().wire())
                .param("provider", paid.provider() == null ? "" : paid.provider())
                .param("input", paid.usage().inputTokens())
                .param("output", paid.usage().outputTokens())
                .param("cost", paid.usage().costUsd())
                .param("estimated", paid.usage().estimated())
                .update();
    }

    /// What a job was paid for, in no particular order.
    public List<Paid> of(UUID job) {
        return of(List.of(job)).getOrDefault(job, List.of());
    }

    /// The same of several jobs; those without any are left out.
    public Map<UUID, List<Paid>> of(Collection<UUID> jobs) {
        Map<UUID, List<Paid>> all = new HashMap<>();
        if (jobs.isEmpty()) {
            return all;
        }
        jdbc.sql(
                        """
                        select job_id, stage, provider, input_tokens, output_tokens, cost_usd, usage_estimated
                        from job_usage where job_id in (:jobs)
                        """)
                .param("jobs", jobs)
                .query(row -> {
                    all.computeIfAbsent(row.getObject("job_id", UUID.class), _ -> new ArrayList<>())
                            .add(paid(row));
                });
        return all;
    }

    private static Paid paid(ResultSet row) throws SQLException {
        String provider = row.getString("provider");
        return new Paid(
                StageName.of(row.getString("stage")),
                provider.isEmpty() ? null : provider,
                usage(row));
    }

    /// Reads the four columns of a usage.
    static Usage usage(ResultSet row) throws SQLException {
        return new Usage(
                row.getLong("input_tokens"),
                row.getLong("output_tokens"),
                row.getObject("cost_usd", Double.class),
                row.getBoolean("usage_estimated"));
    }
}
