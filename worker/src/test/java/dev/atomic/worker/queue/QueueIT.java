package dev.atomic.worker.queue;

import dev.atomic.db.TestDatabase;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/// One suite, both databases.
class QueueIT {
    @Nested
    class OnH2 extends QueueConformance {
        OnH2() {
            super(TestDatabase::h2);
        }
    }

    @Nested
    @Tag("engine")
    class OnPostgres extends QueueConformance {
        OnPostgres() {
            super(TestDatabase::postgres);
        }
    }
}
