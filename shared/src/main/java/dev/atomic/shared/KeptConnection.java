package dev.atomic.shared;

import java.sql.SQLException;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/// One connection outside the pool, for what is asked once a second: the pool tries a connection
/// that wasn't used for half a second, which is a statement more each time. A connection that fails
/// is given up, and the next use makes another.
///
/// Each statement commits by itself. Not thread-safe.
public final class KeptConnection implements AutoCloseable {
    private final DataSource direct;
    private @Nullable SingleConnectionDataSource kept;

    /// @param direct makes connections that give up in bounded time
    public KeptConnection(DataSource direct) {
        this.direct = direct;
    }

    /// @throws DataAccessException when there is no connection, or what `work` throws
    public <T> T use(Function<JdbcClient, T> work) {
        try {
            if (kept == null) {
                kept = new SingleConnectionDataSource(direct.getConnection(), true);
            }
            return work.apply(JdbcClient.create(kept));
        } catch (SQLException e) {
            throw new CannotGetJdbcConnectionException("no connection", e);
        } catch (DataAccessException e) {
            close();
            throw e;
        }
    }

    @Override
    public void close() {
        if (kept != null) {
            kept.destroy();
            kept = null;
        }
    }
}
