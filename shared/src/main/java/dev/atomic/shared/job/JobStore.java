package dev.atomic.shared.job;

import dev.atomic.db.Dialect;
import dev.atomic.shared.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The `job` table: every state change is a conditional update, whose row count says whether it
/// happened. Jobs are moved through [dev.atomic.shared.transition.Transitions], which appends their
/// events with it.
///
/// What a worker writes is conditional on the fence it claimed with, so that one that was only
/// paused finds out at its next write. Each method takes part in the caller's transaction.
/// Thread-safe.
public final class JobStore {
    /// What a claim changes.
    static final String CLAIM =
            """
            update job
            set state = 'running', fence = fence + 1, worker_id = :worker, due_at = null,
                attempt = attempt + case when charge_attempt then 1 else 0 end,
                charge_attempt = false, last_seq = last_seq + 1,
                started_at = coalesce(started_at, current_timestamp),
                deadline_at = coalesce(
                    deadline_at, current_timestamp + timeout_seconds * interval '1' second)
            """;

    /// The claimed job's place, and when its delivery was made, from JobRunr's row; null if it has
    /// none, or if somebody has changed it since.
    static final String OFFERED =
            """
            , queue_order, (select createdAt from jobrunr_jobs
               where jobrunr_jobs.id = delivery_id and jobrunr_jobs.state = 'ENQUEUED'
                 and jobrunr_jobs.version = 1) as offered_since
            """;

    private final JdbcClient jdbc;
    private final String claim;

    public JobStore(JdbcClient jdbc, Dialect dialect) {
        this.jdbc = jdbc;
        String these =
                CLAIM + " where id in (:ids) and state = 'queued' and delivered and held_for = ''";
        this.claim = dialect.returning(these, JobRow.COLUMNS + OFFERED);
    }

    /// A job to be admitted, with its first event's number already counted.
    ///
    /// @param turn its place in the queue: what waiting jobs are ordered by, the lowest first
    /// @param reserved what is set aside for it; null where nothing has to be
    public record NewJob(
            UUID id,
            String tenantId,
            String traceId,
            Job.Asked asked,
            JobInput.Run run,
            Instant createdAt,
            long turn,
            @Nullable Reservation reserved) {
        public NewJob atTurn(long other) {
            return new NewJob(id, tenantId, traceId, asked, run, createdAt, other, reserved);
        }

        public NewJob with(@Nullable Reservation other) {
            return new NewJob(id, tenantId, traceId, asked, run, createdAt, turn, other);
        }
    }

    public void insert(List<NewJob> jobs) {
        List<@Nullable Object> values = new ArrayList<>();
        List<Object> requests = new ArrayList<>();
        for (NewJob job : jobs) {
            String input = Json.write(job.asked().input());
            Collections.addAll(requests, job.id(), job.tenantId(), input, Json.write(job.run()));
            Collections.addAll(
                    values,
                    job.id(),
                    job.tenantId(),
                    job.traceId(),
                    job.asked().kind().wire(),
                    job.asked().priority().rank(),
                    job.turn(),
                    input.length(),
                    job.asked().maxAttempts(),
                    job.asked().retryOf(),
                    job.asked().previousJobId(),
                    OffsetDateTime.ofInstant(job.createdAt(), ZoneOffset.UTC),
                    job.asked().input().timeoutSeconds(),
                    job.id().toString(),
                    job.reserved() == null ? null : job.reserved().day(),
                    job.reserved() == null ? null : job.reserved().nanos(),
                    job.reserved() == null ? null : job.reserved().tokens());
        }
        String row = "(?, ?, ?, ?, 'queued', ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?)";
        jdbc.sql(
                        """
                        insert into job (id, tenant_id, trace_id, kind, state, priority, queue_order, input_length, max_attempts, last_seq,
                                         retry_of, previous_job_id, created_at, timeout_seconds, delivery_id,
                                         budget_day, reserved_nanos, reserved_tokens)
                        values
                        """
                                + String.join(", ", Collections.nCopies(jobs.size(), row)))
                .params(values)
                .update();
        jdbc.sql(
                        "insert into job_request (job_id, tenant_id, input, run) values "
                                + String.join(
                                        ", ", Collections.nCopies(jobs.size(), "(?, ?, ?, ?)")))
                .params(requests)
                .update();
    }

    /// Any tenant's job, for the worker.
    public Optional<Job> find(UUID id) {
        return jdbc.sql("select " + JobRow.COLUMNS + " from job where id = :id")
                .param("id", id)
                .query((row, _) -> JobRow.read(row))
                .optional();
    }

    /// A tenant's own job.
    public Optional<Job> find(String tenant, UUID id) {
        return jdbc.sql(
                        "select "
                                + JobRow.COLUMNS
                                + " from job where id = :id and tenant_id = :tenant")
                .param("id", id)
                .param("tenant", tenant)
                .query((row, _) -> JobRow.read(row))
                .optional();
    }

    /// Any tenant's job, without what was asked.
    public Optional<JobHead> head(UUID id) {
        return jdbc.sql("select " + JobRow.HEAD + " from job where id = :id")
                .param("id", id)
                .query((row, _) -> JobRow.head(row))
                .optional();
    }

    /// A tenant's own job, without what was asked.
    public Optional<JobHead> head(String tenant, UUID id) {
        return jdbc.sql(
                        "select "
                                + JobRow.HEAD
                                + " from job where id = :id and tenant_id = :tenant")
                .param("id", id)
                .param("tenant", tenant)
                .query((row, _) -> JobRow.head(row))
                .optional();
    }

    /// What a job's run in the sandbox was asked. Jobs that were stored before the run had a column
    /// of its own have it in `input`.
    public Optional<JobInput.Run> run(UUID id) {
        return jdbc.sql(
                        "select run, case when run is null then input end as input"
                                + " from job_request where job_id = :id")
                .param("id", id)
                .query((row, _) -> {
                    String run = row.getString("run");
                    return run != null
                            ? Json.read(run, JobInput.Run.class)
                            : Json.read(row.getString("input"), WithRun.class).run();
                })
                .optional();
    }

    /// What a job's run was asked, if it isn't long.
    ///
    /// @param bytes how long it is, as JSON
    /// @param run null when that is more than was asked for
    public record ShortRun(long bytes, JobInput.@Nullable Run run) {}

    /// What a job's run in the sandbox was asked, read only if it has at most `most` bytes. It may
    /// have many megabytes of cases, for which a caller may have no room.
    public Optional<ShortRun> run(UUID id, int most) {
        return jdbc.sql(
                        """
                        select coalesce(octet_length(run), 0) as bytes,
                               case when octet_length(run) <= :most then run end as run,
                               case when run is null then input end as input
                        from job_request where job_id = :id
                        """)
                .param("id", id)
                .param("most", most)
                .query((row, _) -> {
                    String run = row.getString("run");
                    String input = row.getString("input");
                    if (input != null) {
                        return new ShortRun(input.length(), Json.read(input, WithRun.class).run());
                    }
                    return new ShortRun(
                            row.getLong("bytes"),
                            run == null ? null : Json.read(run, JobInput.Run.class));
                })
                .optional();
    }

    private record WithRun(JobInput.Run run) {}

    /// The number of the last event of each of these jobs; those that don't exist are left out.
    public Map<UUID, Long> lastSeqs(Set<UUID> ids) {
        Map<UUID, Long> found = new HashMap<>();
        List<UUID> all = List.copyOf(ids);
        // In parts: PostgreSQL takes 65,535 parameters a statement.
        for (int from = 0; from < all.size(); from += 1_000) {
            jdbc.sql("select id, last_seq from job where id in (:ids)")
                    .param("ids", all.subList(from, Math.min(from + 1_000, all.size())))
                    .query((row, _) ->
                            found.put(row.getObject("id", UUID.class), row.getLong("last_seq")))
                    .list();
        }
        return found;
    }

    /// A job as it stands after its claim.
    ///
    /// @param turn its place among those that waited
    /// @param offeredSince when its delivery was made; null if it has none
    public record Claimed(Job job, long turn, @Nullable Instant offeredSince) {}

    /// Takes waiting jobs for a worker: their fences rise by one, which voids every other claim.
    /// The numbers of the `started` events are counted.
    ///
    /// @return those that were still waiting, in no particular order
    public List<Claimed> claim(Collection<UUID> ids, UUID worker) {
        return jdbc.sql(claim)
                .param("ids", ids)
                .param("worker", worker)
                .query(JobStore::claimed)
                .list();
    }

    static Claimed claimed(ResultSet row, int number) throws SQLException {
        // JobRunr's times are UTC without saying so.
        LocalDateTime offered = row.getObject("offered_since", LocalDateTime.class);
        return new Claimed(
                JobRow.read(row),
                row.getLong("queue_order"),
                offered == null ? null : offered.toInstant(ZoneOffset.UTC));
    }

    /// Makes room for events `from + 1 … to` and locks the row until the transaction ends. Only the
    /// holder of the fence can. The update is conditional on `from` too, so that a write whose
    /// commit went unanswered can be tried again without being done twice.
    public boolean advance(UUID id, long fence, long from, long to) {
        return jdbc.sql(
                                """
                                update job set last_seq = :to
                                where id = :id and fence = :fence and last_seq = :from and state = 'running'
                                """)
                        .param("id", id)
                        .param("fence", fence)
                        .param("from", from)
                        .param("to", to)
                        .update()
                == 1;
    }

    /// Ends a running job. A job that is to be cancelled can only end so.
    public boolean finish(
            UUID id, long fence, long from, long to, JobState state, @Nullable Failure failure) {
        return jdbc.sql(
                                """
                                update job
                                set state = :state, error = :error, last_seq = :to, finished_at = current_timestamp,
                                    worker_id = null
                                where id = :id and fence = :fence and last_seq = :from and state = 'running'
                                  and (not cancel_requested or :state = 'cancelled')
                                """)
                        .param("id", id)
                        .param("fence", fence)
                        .param("from", from)
                        .param("to", to)
                        .param("state", state.wire())
                        .param("error", failure == null ? null : Json.write(failure))
                        .update()
                == 1;
    }

    /// Puts a running job back, to be delivered after a delay. The fence rises: the claim is over.
    ///
    /// @param charge whether the next start uses up an attempt
    /// @param lost whether its worker was lost
    public boolean putBack(
            UUID id, long fence, long from, long to, Duration delay, boolean charge, boolean lost) {
        return jdbc.sql(
                                """
                                update job
                                set state = 'queued', fence = fence + 1, worker_id = null, last_seq = :to,
                                    charge_attempt = :charge, losses = losses + :lost, delivered = false,
                                    due_at = current_timestamp + cast(:millis as bigint) * interval '0.001' second
                                where id = :id and fence = :fence and last_seq = :from and state = 'running'
                                  and not cancel_requested
                                """)
                        .param("id", id)
                        .param("fence", fence)
                        .param("from", from)
                        .param("to", to)
                        .param("charge", charge)
                        .param("lost", lost ? 1 : 0)
                        .param("millis", delay.toMillis())
                        .update()
                == 1;
    }

    /// Cancels a job that no worker runs.
    public boolean withdraw(UUID id, long fence, long from, long to) {
        return jdbc.sql(
                                """
                                update job
                                set state = 'cancelled', cancel_requested = true, fence = fence + 1,
                                    last_seq = :to, finished_at = current_timestamp, held_for = ''
                                where id = :id and fence = :fence and last_seq = :from and state = 'queued'
                                """)
                        .param("id", id)
                        .param("fence", fence)
                        .param("from", from)
                        .param("to", to)
                        .update()
                == 1;
    }

    /// Tells the worker that runs the job to stop; from then on it can only end cancelled.
    public boolean requestCancel(UUID id) {
        return jdbc.sql(
                                "update job set cancel_requested = true where id = :id and state = 'running'")
                        .param("id", id)
                        .update()
                == 1;
    }

    /// A job a worker runs, as its row says.
    public record Running(UUID id, long fence, boolean cancelRequested) {}

    /// A waiting job as it is delivered: for this fence and no other.
    public record Due(UUID id, long fence) {}
}
