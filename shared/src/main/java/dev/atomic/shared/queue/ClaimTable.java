package dev.atomic.shared.queue;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jobrunr.jobs.Job;
import org.jobrunr.jobs.mappers.JobMapper;
import org.jobrunr.storage.StorageException;
import org.jobrunr.storage.navigation.AmountRequest;
import org.jobrunr.storage.sql.common.JobTable;
import org.jobrunr.storage.sql.common.db.Dialect;

/// JobRunr's job table with our claim: it takes work in the order of `updatedAt`, we in that of the
/// job's row.
///
/// The query is driven from `job` by its index on state and order, and joins JobRunr's row by id;
/// ordering JobRunr's rows by a joined column sorts the whole backlog at every claim. It locks
/// nothing and offers more candidates than are wanted; the second takes of them, from the first on,
/// what nobody else has locked. In one statement H2 either loses the order or locks every
/// candidate.
final class ClaimTable extends JobTable {
    private static final String CANDIDATES =
            """
            select waiting.delivery_id
            from job waiting
            join jobrunr_jobs delivery on delivery.id = waiting.delivery_id
            where waiting.state = 'queued' and waiting.delivered and delivery.state = 'ENQUEUED'
            order by waiting.queue_order, waiting.id
            limit ?
            """;

    private final Connection connection;
    private final JobMapper mapper;

    ClaimTable(Connection connection, Dialect dialect, String tablePrefix, JobMapper mapper) {
        super(connection, dialect, tablePrefix, mapper);
        this.connection = connection;
        this.mapper = mapper;
    }

    @Override
    public List<Job> selectJobsToProcess(AmountRequest amount) {
        List<Job> jobs = new ArrayList<>();
        try {
            List<String> candidates = candidates(amount.getLimit() * 4);
            int from = 0;
            while (jobs.size() < amount.getLimit() && from < candidates.size()) {
                int missing = amount.getLimit() - jobs.size();
                int to = Math.min(from + missing, candidates.size());
                jobs.addAll(lock(candidates.subList(from, to)));
                from = to;
            }
        } catch (SQLException e) {
            throw new StorageException(e);
        }
        return jobs;
    }

    private List<String> candidates(int most) throws SQLException {
        List<String> ids = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(CANDIDATES)) {
            select.setInt(1, most);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    ids.add(rows.getString(1));
                }
            }
        }
        return ids;
    }

    /// Those that are still to be had, in the order asked for.
    private List<Job> lock(List<String> ids) throws SQLException {
        Map<String, String> locked = new HashMap<>();
        String places = String.join(",", Collections.nCopies(ids.size(), "?"));
        String sql =
                """
                select id, jobAsJson from jobrunr_jobs
                where state = 'ENQUEUED' and id in (%s)
                for update skip locked
                """
                        .formatted(places);
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            for (int i = 0; i < ids.size(); i++) {
                select.setString(i + 1, ids.get(i));
            }
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    locked.put(rows.getString(1), rows.getString(2));
                }
            }
        }
        return ids.stream()
                .filter(locked::containsKey)
                .map(id -> mapper.deserializeJob(locked.get(id)))
                .toList();
    }
}
