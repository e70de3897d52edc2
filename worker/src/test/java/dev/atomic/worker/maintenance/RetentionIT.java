package dev.atomic.worker.maintenance;

import dev.atomic.db.TestDatabase;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/// One suite, both databases.
class RetentionIT {
    @Nested
    class OnH2 extends RetentionConformance {
        OnH2() {
            super(TestDatabase::h2);
        }
    }

    @Nested
    @Tag("engine")
    class OnPostgres extends RetentionConformance {
        OnPostgres() {
            super(TestDatabase::postgres);
        }
    }
}
