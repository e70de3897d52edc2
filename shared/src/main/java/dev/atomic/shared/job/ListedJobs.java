package dev.atomic.shared.job;

import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/// A tenant's jobs as lists show them: first their ids and lengths, then the jobs, a few at a time.
/// Over the `job` table, as [JobStore].
///
/// Thread-safe.
public final class ListedJobs {
    private final JdbcClient jdbc;

    public ListedJobs(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// A job of a list.
    ///
    /// @param length characters of what was asked and of its longest verdict, which are read with
    ///   it
    public record Listed(UUID id, long length) {}

    /// A tenant's jobs, newest first.
    ///
    /// @param before only those made before this one; null from the newest on
    public List<Listed> list(
            String tenant,
            @Nullable JobState state,
            @Nullable Kind kind,
            @Nullable UUID before,
            int limit) {
        return jdbc.sql(sql(state != null, kind != null, before != null))
                .param("tenant", tenant)
                .param("state", state == null ? null : state.wire())
                .param("kind", kind == null ? null : kind.wire())
                .param("before", before)
                .param("limit", limit)
                .query((row, _) ->
                        new Listed(row.getObject("id", UUID.class), row.getLong("length")))
                .list();
    }

    /// H2 uses an index's order only when the query sorts by all of its columns. Without the
    /// tenant, although it is the same in every row, it read and sorted all jobs (175 ms instead of
    /// 0.6 ms at 100,000).
    static String sql(boolean byState, boolean byKind, boolean before) {
        StringBuilder sql =
                new StringBuilder(
                        """
                        select id, input_length + coalesce(
                            (select max(output_length) from checkpoint
                             where job_id = job.id and stage = 'verify'), 0) as length
                        from job where id in (select id from job where tenant_id = :tenant\
                        """);
        if (byState) {
            sql.append(" and state = :state");
        }
        if (byKind) {
            sql.append(" and kind = :kind");
        }
        if (before) {
            sql.append(" and id < :before");
        }
        return sql.append(" order by tenant_id desc, id desc limit :limit) order by id desc")
                .toString();
    }

    /// These jobs, newest first; those that were deleted are missing.
    public List<Job> read(Collection<UUID> ids) {
        if (ids.isEmpty()) {
            return List.of();
        }
        return jdbc.sql(
                        "select "
                                + JobRow.COLUMNS
                                + " from job where id in (:ids) order by id desc")
                .param("ids", ids)
                .query((row, _) -> JobRow.read(row))
                .list();
    }
}
