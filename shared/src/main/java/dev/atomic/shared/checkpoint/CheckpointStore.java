package dev.atomic.shared.checkpoint;

import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.StageName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The `checkpoint` table: a row a stage and round. Writers hold the job's row
/// ([JobStore#advance]).
///
/// Thread-safe; takes part in the caller's transaction.
public final class CheckpointStore {
    private final JdbcClient jdbc;

    public CheckpointStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// All rounds of a job, in the order the pipeline runs them.
    public List<Checkpoint> of(UUID jobId) {
        return jdbc.sql(
                        """
                        select job_id, tenant_id, stage, round, status, attempt, runs, started_at, finished_at,
                               prompt_version, output,
                               model, provider, input_tokens, output_tokens, cost_usd, usage_estimated
                        from checkpoint where job_id = :job order by started_at, round
                        """)
                .param("job", jobId)
                .query((row, _) -> read(row))
                .list();
    }

    /// Characters of the outputs of all rounds of a job.
    public long outputLength(UUID jobId) {
        return jdbc.sql(
                        "select coalesce(sum(output_length), 0) from checkpoint where job_id = :job")
                .param("job", jobId)
                .query(Long.class)
                .single();
    }

    /// All rounds of a job: of outputs only the verdicts, because the others are long.
    public List<Checkpoint> withVerdicts(UUID job) {
        return withOutputs(List.of(job), "stage = 'verify'");
    }

    /// All rounds of several jobs, for a list: of outputs only the last verdict of each.
    public List<Checkpoint> withLastVerdicts(Collection<UUID> jobs) {
        return withOutputs(
                jobs,
                """
                stage = 'verify' and round = (
                    select max(last.round) from checkpoint last
                    where last.job_id = checkpoint.job_id and last.stage = 'verify'
                      and last.output is not null)
                """);
    }

    private List<Checkpoint> withOutputs(Collection<UUID> jobs, String which) {
        if (jobs.isEmpty()) {
            return List.of();
        }
        return jdbc.sql(
                        """
                        select job_id, tenant_id, stage, round, status, attempt, runs, started_at, finished_at,
                               prompt_version, case when %s then output end as output,
                               model, provider, input_tokens, output_tokens, cost_usd, usage_estimated
                        from checkpoint where job_id in (:jobs) order by job_id, started_at, round
                        """
                                .formatted(which))
                .param("jobs", jobs)
                .query((row, _) -> read(row))
                .list();
    }

    /// Writes that a round begins, once more if it had begun before.
    ///
    /// @param promptVersion of the templates it asks with; null where no model is asked
    public void begin(
            Job job, StageName stage, int round, @Nullable Integer promptVersion, Instant at) {
        int again =
                jdbc.sql(
                                """
                                update checkpoint
                                set runs = runs + 1, attempt = :attempt, status = 'running', started_at = :at,
                                    prompt_version = cast(:prompt as int)
                                where job_id = :job and stage = :stage and round = :round
                                """)
                        .param("job", job.id())
                        .param("stage", stage.wire())
                        .param("round", round)
                        .param("attempt", job.course().attempt())
                        .param("at", utc(at))
                        .param("prompt", promptVersion)
                        .update();
        if (again == 0) {
            jdbc.sql(
                            """
                            insert into checkpoint (job_id, tenant_id, stage, round, status, attempt, runs, started_at,
                                                    prompt_version)
                            values (:job, :tenant, :stage, :round, 'running', :attempt, 1, :at,
                                    cast(:prompt as int))
                            """)
                    .param("job", job.id())
                    .param("tenant", job.tenantId())
                    .param("stage", stage.wire())
                    .param("round", round)
                    .param("attempt", job.course().attempt())
                    .param("at", utc(at))
                    .param("prompt", promptVersion)
                    .update();
        }
    }

    /// Writes that a round broke off and is to begin again: what it had cost is counted.
    public void breakOff(UUID jobId, StageName stage, int round) {
        jdbc.sql(
                        """
                        update checkpoint set status = 'pending'
                        where job_id = :job and stage = :stage and round = :round
                        """)
                .param("job", jobId)
                .param("stage", stage.wire())
                .param("round", round)
                .update();
    }

    /// Writes how a round ended.
    public void end(
            UUID jobId,
            StageName stage,
            int round,
            StageStatus status,
            Instant at,
            @Nullable String output,
            @Nullable String model,
            @Nullable String provider,
            Usage usage) {
        jdbc.sql(
                        """
                        update checkpoint
                        set status = :status, finished_at = :at, output = :output, output_length = :length, model = :model, provider = :provider,
                            input_tokens = :input, output_tokens = :out, cost_usd = :cost, usage_estimated = :estimated
                        where job_id = :job and stage = :stage and round = :round
                        """)
                .param("job", jobId)
                .param("stage", stage.wire())
                .param("round", round)
                .param("status", status.wire())
                .param("at", utc(at))
                .param("output", output)
                .param("length", output == null ? 0 : output.length())
                .param("model", model)
                .param("provider", provider)
                .param("input", usage.inputTokens())
                .param("out", usage.outputTokens())
                .param("cost", usage.costUsd())
                .param("estimated", usage.estimated())
                .update();
    }

    /// Gives a job a round another one has ended, at no cost and with no runs of its own: nothing
    /// is done again. When it was done stays as it was.
    public void copy(UUID from, UUID to, StageName stage, int round) {
        jdbc.sql(
                        """
                        insert into checkpoint (job_id, tenant_id, stage, round, status, attempt, runs, started_at,
                                                finished_at, prompt_version, output, output_length, model, provider)
                        select cast(:to as uuid), tenant_id, stage, round, status, 0, 0, started_at,
                               finished_at, prompt_version, output, output_length, model, provider
                        from checkpoint where job_id = :from and stage = :stage and round = :round
                        """)
                .param("from", from)
                .param("to", to)
                .param("stage", stage.wire())
                .param("round", round)
                .update();
    }

    private static OffsetDateTime utc(Instant at) {
        return OffsetDateTime.ofInstant(at, ZoneOffset.UTC);
    }

    private static Checkpoint read(ResultSet row) throws SQLException {
        OffsetDateTime finished = row.getObject("finished_at", OffsetDateTime.class);
        return new Checkpoint(
                row.getObject("job_id", UUID.class),
                row.getString("tenant_id"),
                StageName.of(row.getString("stage")),
                row.getInt("round"),
                StageStatus.of(row.getString("status")),
                row.getInt("attempt"),
                row.getInt("runs"),
                row.getObject("started_at", OffsetDateTime.class).toInstant(),
                finished == null ? null : finished.toInstant(),
                row.getObject("prompt_version", Integer.class),
                row.getString("output"),
                row.getString("model"),
                row.getString("provider"),
                UsageStore.usage(row));
    }
}
