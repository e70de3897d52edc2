package dev.atomic.api.status;

import dev.atomic.db.TestDatabase;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/// One suite, both databases.
class StatusIT {
    @Nested
    class OnH2 extends StatusConformance {
        OnH2() {
            super(TestDatabase::h2);
        }
    }

    @Nested
    @Tag("engine")
    class OnPostgres extends StatusConformance {
        OnPostgres() {
            super(TestDatabase::postgres);
        }
    }
}
