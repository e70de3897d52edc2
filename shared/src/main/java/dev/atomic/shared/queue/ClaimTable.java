package dev.atomic.shared.queue;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
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
/// ordering JobRunr's rows by a joined column sorts the whole backlog at every claim. The inner
/// query can't skip what another worker has locked, so it offers more candidates than are wanted.
final class ClaimTable extends JobTable {
    private static final String CLAIM =
            """
            select jobAsJson from jobrunr_jobs
            where state = 'ENQUEUED' and id in (
                select waiting.delivery_id
                from job waiting
                join jobrunr_jobs delivery on delivery.id = waiting.delivery_id
                where waiting.state = 'queued' and waiting.delivered and delivery.state = 'ENQUEUED'
                order by waiting.queue_order, waiting.id
                limit ?)
            limit ?
            for update skip locked
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
        try (PreparedStatement select = connection.prepareStatement(CLAIM)) {
            select.setInt(1, amount.getLimit() * 4);
            select.setInt(2, amount.getLimit());
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    jobs.add(mapper.deserializeJob(rows.getString(1)));
                }
            }
        } catch (SQLException e) {
            throw new StorageException(e);
        }
        return jobs;
    }
}
