package dev.atomic.api.dashboard;

import dev.atomic.db.TestDatabase;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/// One suite, both databases.
class DashboardIT {
    @Nested
    class OnH2 extends DashboardConformance {
        OnH2() {
            super(TestDatabase::h2);
        }
    }

    @Nested
    @Tag("engine")
    class OnPostgres extends DashboardConformance {
        OnPostgres() {
            super(TestDatabase::postgres);
        }
    }
}
