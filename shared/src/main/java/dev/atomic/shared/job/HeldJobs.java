package dev.atomic.shared.job;

import dev.atomic.db.Dialect;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/// Waiting jobs that are held back because as many of their tenant run as may. Claims don't see
/// them. Over the same rows as [JobStore].
///
/// Each method takes part in the caller's transaction. Thread-safe.
public final class HeldJobs {
    private static final String FIRST =
            """
            select id from job where state = 'queued' and held_for = :tenant
            order by state, held_for, queue_order, id limit :most
            """;

    /// What is let in has a turn among all that wait, and keeps its own for the case that it is
    /// held back again. Several move by as much as the first.
    private static final String LET_IN =
            "update job set held_for = '', own_turn = queue_order,"
                    + " queue_order = queue_order + greatest(0, :turn - ("
                    + FIRST.replace("select id", "select queue_order").replace(":most", "1")
                    + "))";

    private final JdbcClient jdbc;
    private final Dialect dialect;
    private final String letOneIn;
    private final String letManyIn;

    public HeldJobs(JdbcClient jdbc, Dialect dialect) {
        this.jdbc = jdbc;
        this.dialect = dialect;
        this.letOneIn = letIn("for update");
        this.letManyIn = letIn("for update skip locked");
    }

    /// Who holds several such rows and waits for more could deadlock with an admission that puts
    /// them off. H2 has no locks in a subquery; it finds a deadlock at once.
    private String letIn(String locked) {
        return switch (dialect) {
            case H2 -> dialect.returning(LET_IN + " where id in (" + FIRST + ")", "id");
            case POSTGRESQL ->
                    "with first as materialized ("
                            + FIRST.replace("select id", "select id as first_id")
                            + locked
                            + ") "
                            + dialect.returning(LET_IN + " from first where id = first_id", "id");
        };
    }

    /// How many jobs of each of these tenants run; those that have none are left out, and others
    /// may be in it.
    public Map<String, Integer> running(Collection<String> tenants) {
        String its =
                switch (dialect) {
                    // It would read the index of all the tenants' jobs: 0.6 s with 100,000. On H2
                    // few run in all.
                    case H2 -> "";
                    case POSTGRESQL -> " and tenant_id in (:tenants)";
                };
        Map<String, Integer> running = new HashMap<>();
        jdbc.sql(
                        "select tenant_id, count(*) as jobs from job where state = 'running'"
                                + its
                                + " group by tenant_id")
                .param("tenants", tenants)
                .query(row -> {
                    running.put(row.getString("tenant_id"), row.getInt("jobs"));
                });
        return running;
    }

    /// Holds these jobs back. For who has locked them.
    public void hold(Collection<UUID> ids) {
        jdbc.sql(
                        """
                        update job set held_for = tenant_id, queue_order = coalesce(own_turn, queue_order)
                        where id in (:ids)
                        """)
                .param("ids", ids)
                .update();
    }

    /// Whether a job is held back.
    public boolean isHeld(UUID id) {
        return jdbc.sql("select held_for <> '' from job where id = :id")
                .param("id", id)
                .query(Boolean.class)
                .optional()
                .orElse(false);
    }

    /// Who has jobs that are held back.
    public SortedSet<String> tenants() {
        return new TreeSet<>(
                jdbc.sql(
                                "select distinct held_for from job where state = 'queued' and held_for > ''")
                        .query((row, _) -> row.getString("held_for"))
                        .list());
    }

    /// Lets the tenant's first jobs in again.
    ///
    /// @param most 1 or more
    /// @param turn the first that they may have
    /// @return which they are
    public List<UUID> letIn(String tenant, int most, long turn) {
        return jdbc.sql(most == 1 ? letOneIn : letManyIn)
                .param("tenant", tenant)
                .param("most", most)
                .param("turn", turn)
                .query((row, _) -> row.getObject("id", UUID.class))
                .list();
    }
}
