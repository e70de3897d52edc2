package dev.atomic.shared.queue;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
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
    public QueueStorage(DataSource dataSource, boolean postgres) {
        super(
                dataSource,
                postgres ? new AnsiDialect() : new H2Dialect(),
                DatabaseOptions.SKIP_CREATE);
        setJobMapper(mapper);
    }

    /// Saves new deliveries in the caller's transaction.
    void insert(List<Job> deliveries) {
        inTransaction(table -> table.save(deliveries));
    }

    /// Hands deliveries that are still on offer to a server, in the caller's transaction.
    ///
    /// @return those that were, by id; others were never made, or taken long ago
    public Map<UUID, Job> process(Collection<UUID> deliveries, BackgroundJobServer server) {
        Map<UUID, Job> taken = new LinkedHashMap<>();
        inTransaction(table -> {
            for (Job delivery : table.offered(deliveries)) {
                delivery.startProcessingOn(server);
                taken.put(delivery.getId(), delivery);
            }
            table.save(List.copyOf(taken.values()));
        });
        return taken;
    }

    private void inTransaction(Work work) {
        Connection connection = DataSourceUtils.getConnection(dataSource);
        try {
            work.on(new DeliveryTable(connection));
        } catch (SQLException e) {
            throw new StorageException(e);
        } finally {
            DataSourceUtils.releaseConnection(connection, dataSource);
        }
    }

    @FunctionalInterface
    private interface Work {
        void on(DeliveryTable table) throws SQLException;
    }

    private final class DeliveryTable extends JobTable {
        private final Connection connection;

        DeliveryTable(Connection connection) {
            super(connection, QueueStorage.this.dialect, QueueStorage.this.tablePrefix, mapper);
            this.connection = connection;
        }

        List<Job> offered(Collection<UUID> ids) throws SQLException {
            List<Job> offered = new ArrayList<>();
            String sql =
                    """
                    select jobAsJson from jobrunr_jobs where state = 'ENQUEUED' and id in (%s)
                    """
                            .formatted(String.join(",", Collections.nCopies(ids.size(), "?")));
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                int place = 1;
                for (UUID id : ids) {
                    select.setString(place++, id.toString());
                }
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        offered.add(mapper.deserializeJob(rows.getString(1)));
                    }
                }
            }
            return offered;
        }
    }
}
