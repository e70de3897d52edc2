package dev.atomic.shared.upkeep;

import dev.atomic.db.TestDatabase;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/// One suite, both databases.
class FinishedJobsIT {
    @Nested
    class OnH2 extends FinishedJobsConformance {
        OnH2() {
            super(TestDatabase::h2);
        }
    }

    @Nested
    @Tag("engine")
    class OnPostgres extends FinishedJobsConformance {
        OnPostgres() {
            super(TestDatabase::postgres);
        }
    }
}
