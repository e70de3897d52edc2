package dev.atomic.shared.queue;

import dev.atomic.db.Dialect;
import dev.atomic.shared.job.JobStore.Due;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jobrunr.jobs.Job;
import org.jobrunr.jobs.mappers.JobMapper;
import org.jobrunr.server.BackgroundJobServer;
import org.jobrunr.storage.StorageException;
import org.jobrunr.storage.StorageProviderUtils.DatabaseOptions;
import org.jobrunr.storage.sql.common.DefaultSqlStorageProvider;
import org.jobrunr.storage.sql.common.JobTable;
import org.jobrunr.storage.sql.common.db.AnsiDialect;
import org.jobrunr.storage.sql.h2.H2Dialect;
import org.jobrunr.utils.mapper.jackson3.Jackson3JsonMapper;
import org.springframework.jdbc.datasource.DataSourceUtils;

/// JobRunr's tables, made by our migrations, with what its own storage lacks: deliveries are made
/// and taken on a connection whose transaction is ours.
///
/// Thread-safe.
public class QueueStorage extends DefaultSqlStorageProvider {
    private final JobMapper mapper = new JobMapper(new Jackson3JsonMapper());

    /// @param dataSource JobRunr commits on the connections it takes from here
    public QueueStorage(DataSource dataSource, Dialect database) {
        super(
                dataSource,
                switch (database) {
                    case H2 -> new H2Dialect();
                    case POSTGRESQL -> new AnsiDialect();
                },
                DatabaseOptions.SKIP_CREATE);
        setJobMapper(mapper);
    }

    /// Saves new deliveries in the caller's transaction.
    void insert(List<Job> deliveries) {
        inTransaction(table -> table.save(deliveries));
    }

    /// Hands deliveries that haven't changed since they were made to a server, in the caller's
    /// transaction.
    ///
    /// @param offered when each was made, by its job
    /// @throws org.jobrunr.storage.ConcurrentJobModificationException if one was changed or is gone
    public List<Job> process(Map<Due, Instant> offered, BackgroundJobServer server) {
        List<Job> taken = new ArrayList<>();
        offered.forEach((job, since) -> taken.add(Deliveries.delivery(job, since, 1)));
        taken.forEach(delivery -> delivery.startProcessingOn(server));
        inTransaction(table -> table.save(taken));
        return taken;
    }

    private void inTransaction(Work work) {
        Connection connection = DataSourceUtils.getConnection(dataSource);
        try {
            work.on(new JobTable(connection, dialect, tablePrefix, mapper));
        } catch (SQLException e) {
            throw new StorageException(e);
        } finally {
            DataSourceUtils.releaseConnection(connection, dataSource);
        }
    }

    @FunctionalInterface
    private interface Work {
        void on(JobTable table) throws SQLException;
    }
}
