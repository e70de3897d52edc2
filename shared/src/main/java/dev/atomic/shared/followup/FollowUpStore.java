package dev.atomic.shared.followup;

import dev.atomic.shared.Json;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The `follow_up` table: a row a job that follows up another.
///
/// Thread-safe; takes part in the caller's transaction.
public final class FollowUpStore {
    private final JdbcClient jdbc;

    public FollowUpStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    public void put(UUID job, String tenant, FollowUp followUp) {
        jdbc.sql(
                        """
                        insert into follow_up (job_id, tenant_id, history, spec)
                        values (:job, :tenant, :history, :spec)
                        """)
                .param("job", job)
                .param("tenant", tenant)
                .param("history", Json.write(followUp.history()))
                .param("spec", followUp.spec())
                .update();
    }

    /// Gives a job what another one started from, if that was a follow-up.
    public void copy(UUID from, UUID to) {
        jdbc.sql(
                        """
                        insert into follow_up (job_id, tenant_id, history, spec)
                        select cast(:to as uuid), tenant_id, history, spec from follow_up where job_id = :from
                        """)
                .param("from", from)
                .param("to", to)
                .update();
    }

    /// Empty for a job that follows up none.
    public Optional<FollowUp> of(UUID job) {
        return jdbc.sql("select history, spec from follow_up where job_id = :job")
                .param("job", job)
                .query((row, _) ->
                        new FollowUp(
                                List.of(Json.read(row.getString("history"), String[].class)),
                                row.getString("spec")))
                .optional();
    }
}
