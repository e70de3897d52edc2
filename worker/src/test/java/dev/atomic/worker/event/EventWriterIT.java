package dev.atomic.worker.event;

import dev.atomic.db.TestDatabase;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/// One suite, both databases.
class EventWriterIT {
    @Nested
    class OnH2 extends EventWriterConformance {
        OnH2() {
            super(TestDatabase::h2);
        }
    }

    @Nested
    @Tag("engine")
    class OnPostgres extends EventWriterConformance {
        OnPostgres() {
            super(TestDatabase::postgres);
        }
    }
}
