package dev.atomic.shared.queue;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.jobrunr.jobs.Job;
import org.jobrunr.jobs.mappers.JobMapper;
import org.jobrunr.storage.StorageException;
import org.jobrunr.storage.StorageProviderUtils.DatabaseOptions;
import org.jobrunr.storage.sql.common.DefaultSqlStorageProvider;
import org.jobrunr.storage.sql.common.JobTable;
import org.jobrunr.storage.sql.common.db.AnsiDialect;
import org.jobrunr.storage.sql.h2.H2Dialect;
import org.jobrunr.utils.mapper.jackson3.Jackson3JsonMapper;

/// JobRunr's tables, made by our migrations, with two things its own storage lacks: jobs can be
/// saved on a connection whose transaction is ours, and claims on H2 skip what another worker is
/// claiming (H2 has had `SKIP LOCKED` since 2.2; without it one of two workers got 251 jobs of
/// 4,000, the other the rest).
///
/// Thread-safe.
public class QueueStorage extends DefaultSqlStorageProvider {
    private final JobMapper mapper = new JobMapper(new Jackson3JsonMapper());

    /// @param dataSource JobRunr commits on the connections it takes from here
    public QueueStorage(DataSource dataSource, boolean postgres) {
        super(
                dataSource,
                postgres ? new SkipLockedDialect() : new SkipLockedH2Dialect(),
                DatabaseOptions.SKIP_CREATE);
        setJobMapper(mapper);
    }

    /// Saves new jobs in the transaction of this connection, which stays the caller's.
    public void insert(Connection connection, List<Job> jobs) {
        try {
            jobTable(connection).save(jobs);
        } catch (SQLException e) {
            throw new StorageException(e);
        }
    }

    @Override
    protected JobTable jobTable(Connection connection) {
        return new ClaimTable(connection, dialect, tablePrefix, mapper);
    }

    private static final class SkipLockedDialect extends AnsiDialect {
        @Override
        public String selectForUpdateSkipLocked() {
            return " FOR UPDATE SKIP LOCKED";
        }
    }

    private static final class SkipLockedH2Dialect extends H2Dialect {
        @Override
        public String selectForUpdateSkipLocked() {
            return " FOR UPDATE SKIP LOCKED";
        }
    }
}
