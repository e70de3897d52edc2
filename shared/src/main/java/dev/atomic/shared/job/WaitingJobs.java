package dev.atomic.shared.job;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The queue as the `job` table has it: how many wait, who goes before whom, and who goes next.
/// Over the same rows as [JobStore].
///
/// Each method takes part in the caller's transaction. Thread-safe.
public final class WaitingJobs {
    /// How many candidates are looked at for each job that is wanted: the others may be being
    /// claimed elsewhere.
    private static final int CANDIDATES = 4;

    private final JdbcClient jdbc;
    private final boolean postgres;

    public WaitingJobs(JdbcClient jdbc, boolean postgres) {
        this.jdbc = jdbc;
        this.postgres = postgres;
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

    /// How many waiting jobs go before this one, counted to `limit` at most.
    public int ahead(UUID id, Priority priority, int limit) {
        return jdbc.sql(
                        """
                        select count(*) from (
                            select 1 from job
                            where state = 'queued' and (queue_order < :order or (queue_order = :order and id < :id))
                            limit :limit
                        ) ahead
                        """)
                .param("id", id)
                .param("order", priority.queueOrder(id))
                .param("limit", limit)
                .query(Integer.class)
                .single();
    }

    /// The jobs that go next, in their order.
    public List<UUID> next(int limit) {
        return jdbc.sql(
                        """
                        select id from job where state = 'queued' order by queue_order, id limit :limit
                        """)
                .param("limit", limit)
                .query((row, _) -> row.getObject("id", UUID.class))
                .list();
    }

    /// A waiting job that may be claimed, with JobRunr's id of its delivery.
    public record Claimable(UUID id, long fence, UUID delivery) {}

    /// What may be claimed, in its order.
    ///
    /// @param more whether others may be waiting behind these
    public record NextJobs(List<Claimable> jobs, boolean more) {}

    /// Locks the delivered jobs that go next until the transaction's end, but those that others
    /// have locked.
    ///
    /// @param most 1 or more
    public NextJobs lockNext(int most) {
        return postgres ? lockAtOnce(most) : lockOffered(most);
    }

    private NextJobs lockAtOnce(int most) {
        List<Claimable> locked =
                jdbc.sql(
                                """
                                select id, fence, delivery_id from job where state = 'queued' and delivered
                                order by queue_order, id limit :limit
                                for update skip locked
                                """)
                        .param("limit", most)
                        .query(WaitingJobs::claimable)
                        .list();
        return new NextJobs(locked, locked.size() == most);
    }

    /// The first query locks nothing and offers more candidates than are wanted; the second takes
    /// of them, from the first on, what is still to be had. In one statement H2 either loses the
    /// order or locks every candidate.
    private NextJobs lockOffered(int most) {
        List<UUID> candidates =
                jdbc.sql(
                                """
                                select id from job where state = 'queued' and delivered
                                order by queue_order, id limit :limit
                                """)
                        .param("limit", most * CANDIDATES)
                        .query((row, _) -> row.getObject("id", UUID.class))
                        .list();
        List<Claimable> locked = new ArrayList<>();
        int from = 0;
        while (locked.size() < most && from < candidates.size()) {
            int to = Math.min(from + most - locked.size(), candidates.size());
            locked.addAll(lock(candidates.subList(from, to)));
            from = to;
        }
        return new NextJobs(
                locked, from < candidates.size() || candidates.size() == most * CANDIDATES);
    }

    private List<Claimable> lock(List<UUID> ids) {
        Map<UUID, Claimable> locked = new HashMap<>();
        jdbc.sql(
                        """
                        select id, fence, delivery_id from job
                        where id in (:ids) and state = 'queued' and delivered
                        for update skip locked
                        """)
                .param("ids", ids)
                .query(WaitingJobs::claimable)
                .list()
                .forEach(job -> locked.put(job.id(), job));
        return ids.stream().map(locked::get).filter(Objects::nonNull).toList();
    }

    private static Claimable claimable(ResultSet row, int number) throws SQLException {
        return new Claimable(
                row.getObject("id", UUID.class),
                row.getLong("fence"),
                UUID.fromString(row.getString("delivery_id")));
    }
}
