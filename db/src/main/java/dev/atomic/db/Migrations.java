package dev.atomic.db;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/// Brings a database to this version's schema, or checks that it is there.
public final class Migrations {
    private Migrations() {}

    /// Migrates; many processes may call it at once (Flyway takes a lock).
    ///
    /// @throws org.flywaydb.core.api.FlywayException when the schema can't be reached from what is
    ///   there
    public static void migrate(DataSource dataSource, boolean postgres) {
        flyway(dataSource, postgres).migrate();
    }

    /// Checks that the schema is this version's; for who may not change it.
    ///
    /// @throws org.flywaydb.core.api.FlywayException when it isn't
    public static void validate(DataSource dataSource, boolean postgres) {
        flyway(dataSource, postgres).validate();
    }

    private static Flyway flyway(DataSource dataSource, boolean postgres) {
        return Flyway.configure()
                .dataSource(dataSource)
                .locations(
                        "classpath:db/migration/common",
                        postgres
                                ? "classpath:db/migration/postgresql"
                                : "classpath:db/migration/h2")
                .load();
    }
}
