package dev.atomic.shared.webhook;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The `webhook` table: whom a job's end is told, and how far that is. A row is made with its job
/// and falls due in the transaction that ends the job, so no end is forgotten. Only jobs that asked
/// for a webhook cost a statement.
///
/// Thread-safe; takes part in the caller's transaction.
public final class WebhookStore {
    private static final int MAX_OUTCOME = 300;

    private final JdbcClient jdbc;

    public WebhookStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// How far it is, as the job's resource has it.
    ///
    /// @param status `waiting`, `pending`, `delivered` or `failed`
    /// @param outcome what the last attempt came to; null before the first
    /// @param nextAttemptAt null unless it is pending
    public record Progress(
            String url,
            String status,
            int attempts,
            @Nullable String outcome,
            @Nullable Instant nextAttemptAt) {
        /// Of a job that hasn't ended.
        public static Progress waiting(String url) {
            return new Progress(url, "waiting", 0, null, null);
        }
    }

    /// One attempt, which the caller alone may make.
    ///
    /// @param attempt from 1 on
    public record Attempt(UUID job, String tenant, String url, int attempt) {}

    public void add(UUID job, String tenant, String url) {
        jdbc.sql(
                        """
                        insert into webhook (job_id, tenant_id, url, status, attempts)
                        values (:job, :tenant, :url, 'waiting', 0)
                        """)
                .param("job", job)
                .param("tenant", tenant)
                .param("url", url)
                .update();
    }

    /// In the transaction that ends the job.
    ///
    /// @param patience how long it is tried
    public void fallDue(UUID job, Duration patience) {
        jdbc.sql(
                        """
                        update webhook
                        set status = 'pending', due_at = current_timestamp,
                            give_up_at = current_timestamp + cast(:seconds as bigint) * interval '1' second
                        where job_id = :job
                        """)
                .param("job", job)
                .param("seconds", patience.toSeconds())
                .update();
    }

    /// Those that are due, the longest due first. None of them is the caller's yet.
    public List<Attempt> due(int limit) {
        return jdbc.sql(
                        """
                        select job_id, tenant_id, url, attempts from webhook
                        where due_at <= current_timestamp
                        order by due_at limit :limit
                        """)
                .param("limit", limit)
                .query((row, _) ->
                        new Attempt(
                                row.getObject("job_id", UUID.class),
                                row.getString("tenant_id"),
                                row.getString("url"),
                                row.getInt("attempts") + 1))
                .list();
    }

    /// Takes an attempt, so that no other makes it. If nothing is heard of it, it is due again
    /// after the lease.
    ///
    /// @return whether the caller has it
    public boolean take(Attempt attempt, Duration lease) {
        return jdbc.sql(
                                """
                                update webhook
                                set attempts = :attempt,
                                    due_at = current_timestamp + cast(:seconds as bigint) * interval '1' second
                                where job_id = :job and attempts = :attempt - 1 and due_at <= current_timestamp
                                """)
                        .param("job", attempt.job())
                        .param("attempt", attempt.attempt())
                        .param("seconds", lease.toSeconds())
                        .update()
                == 1;
    }

    /// It was delivered.
    public void delivered(Attempt attempt, String outcome) {
        end(attempt, "delivered", outcome);
    }

    /// It is tried again after a while, or given up if that is too late.
    ///
    /// @return whether it is tried again
    public boolean again(Attempt attempt, String outcome, Duration after) {
        int put =
                jdbc.sql(
                                """
                                update webhook
                                set outcome = :outcome,
                                    due_at = current_timestamp + cast(:millis as bigint) * interval '0.001' second
                                where job_id = :job and attempts = :attempt and status = 'pending'
                                  and give_up_at > current_timestamp + cast(:millis as bigint) * interval '0.001' second
                                """)
                        .param("job", attempt.job())
                        .param("attempt", attempt.attempt())
                        .param("outcome", bounded(outcome))
                        .param("millis", after.toMillis())
                        .update();
        if (put == 0) {
            end(attempt, "failed", outcome);
        }
        return put == 1;
    }

    /// It is given up at once.
    public void failed(Attempt attempt, String outcome) {
        end(attempt, "failed", outcome);
    }

    private void end(Attempt attempt, String status, String outcome) {
        jdbc.sql(
                        """
                        update webhook set status = :status, outcome = :outcome, due_at = null
                        where job_id = :job and attempts = :attempt and status = 'pending'
                        """)
                .param("job", attempt.job())
                .param("attempt", attempt.attempt())
                .param("status", status)
                .param("outcome", bounded(outcome))
                .update();
    }

    private static String bounded(String outcome) {
        return outcome.length() <= MAX_OUTCOME ? outcome : outcome.substring(0, MAX_OUTCOME);
    }

    /// How far these jobs' webhooks are; those without one are left out.
    public Map<UUID, Progress> of(Collection<UUID> jobs) {
        Map<UUID, Progress> all = new HashMap<>();
        if (jobs.isEmpty()) {
            return all;
        }
        jdbc.sql(
                        "select job_id, url, status, attempts, outcome, due_at from webhook where job_id in (:jobs)")
                .param("jobs", jobs)
                .query(row -> {
                    OffsetDateTime due = row.getObject("due_at", OffsetDateTime.class);
                    all.put(
                            row.getObject("job_id", UUID.class),
                            new Progress(
                                    row.getString("url"),
                                    row.getString("status"),
                                    row.getInt("attempts"),
                                    row.getString("outcome"),
                                    due == null ? null : due.toInstant()));
                });
        return all;
    }
}
