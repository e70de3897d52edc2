package dev.atomic.shared;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.springframework.jdbc.datasource.AbstractDriverBasedDataSource;

/// Connections as their driver makes them, each when it is asked for; those to H2 can be given up
/// ([H2Connection]).
///
/// Thread-safe once it is set up.
final class DriverDataSource extends AbstractDriverBasedDataSource {
    @Override
    protected Connection getConnectionFromDriver(Properties properties) throws SQLException {
        String url = String.valueOf(getUrl());
        return url.startsWith("jdbc:h2:")
                ? new H2Connection(url, properties)
                : DriverManager.getConnection(url, properties);
    }

    /// How long making one may take is said by the driver's properties ([DatabasePatience]).
    @Override
    public void setLoginTimeout(int seconds) {}
}
