package dev.atomic.shared.event;

import dev.atomic.db.TestDatabase;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/// One suite, both databases.
class LogPackerIT {
    @Nested
    class OnH2 extends LogPackerConformance {
        OnH2() {
            super(TestDatabase::h2);
        }
    }

    @Nested
    @Tag("engine")
    class OnPostgres extends LogPackerConformance {
        OnPostgres() {
            super(TestDatabase::postgres);
        }
    }
}
