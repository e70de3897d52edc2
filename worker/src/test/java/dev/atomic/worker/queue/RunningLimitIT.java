package dev.atomic.worker.queue;

import dev.atomic.db.TestDatabase;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/// Two suites, both databases.
class RunningLimitIT {
    @Nested
    class OnH2 extends RunningLimitConformance {
        OnH2() {
            super(TestDatabase::h2);
        }
    }

    @Nested
    @Tag("engine")
    class OnPostgres extends RunningLimitConformance {
        OnPostgres() {
            super(TestDatabase::postgres);
        }
    }

    @Nested
    class LoadOnH2 extends RunningLimitLoadConformance {
        LoadOnH2() {
            super(TestDatabase::h2);
        }
    }

    @Nested
    @Tag("engine")
    class LoadOnPostgres extends RunningLimitLoadConformance {
        LoadOnPostgres() {
            super(TestDatabase::postgres);
        }
    }
}
