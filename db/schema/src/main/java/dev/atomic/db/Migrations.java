package dev.atomic.db;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;

/// Brings a database to this version's schema, or checks that it has it.
public final class Migrations {
    /// How long a process that starts waits for a database that is just starting too, a second
    /// between two tries. Ending at once, to be started again, would cost a JVM's start each time.
    private static final int TRIES = 5;

    private Migrations() {}

    /// Migrates; many processes may call it at once (Flyway takes a lock).
    ///
    /// @throws org.flywaydb.core.api.FlywayException when the schema can't be reached from what is
    ///   there
    public static void migrate(DataSource dataSource, Dialect dialect) {
        flyway(dataSource, dialect).migrate();
    }

    /// Checks that the schema is this version's, for processes that may not change it.
    ///
    /// @throws org.flywaydb.core.api.FlywayException when it isn't
    public static void validate(DataSource dataSource, Dialect dialect) {
        flyway(dataSource, dialect).validate();
    }

    /// How a database's schema stands to this version's.
    public enum Standing {
        /// Nothing was ever migrated.
        NONE,
        OLDER,
        SAME,
        /// It has migrations that this version doesn't know.
        NEWER
    }

    /// Changes nothing.
    ///
    /// @throws org.flywaydb.core.api.FlywayException when the database can't be reached
    public static Standing standing(DataSource dataSource, Dialect dialect) {
        MigrationInfoService found = flyway(dataSource, dialect).info();
        if (found.current() == null) {
            return Standing.NONE;
        }
        for (MigrationInfo each : found.applied()) {
            if (!each.getState().isResolved()) {
                return Standing.NEWER;
            }
        }
        return found.pending().length > 0 ? Standing.OLDER : Standing.SAME;
    }

    private static Flyway flyway(DataSource dataSource, Dialect dialect) {
        return Flyway.configure()
                .dataSource(dataSource)
                .connectRetries(TRIES)
                .connectRetriesInterval(1)
                .locations(
                        "classpath:db/migration/common",
                        switch (dialect) {
                            case H2 -> "classpath:db/migration/h2";
                            case POSTGRESQL -> "classpath:db/migration/postgresql";
                        })
                .load();
    }
}
