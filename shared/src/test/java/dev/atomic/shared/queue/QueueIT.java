package dev.atomic.shared.queue;

import dev.atomic.db.TestDatabase;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/// One suite, both databases.
class QueueIT {
    @Nested
    class SignalsOnH2 extends SignalsConformance {
        SignalsOnH2() {
            super(TestDatabase::h2);
        }
    }

    @Nested
    @Tag("engine")
    class SignalsOnPostgres extends SignalsConformance {
        SignalsOnPostgres() {
            super(TestDatabase::postgres);
        }
    }

    @Nested
    class DeliveriesOnH2 extends DeliveriesConformance {
        DeliveriesOnH2() {
            super(TestDatabase::h2);
        }
    }

    @Nested
    @Tag("engine")
    class DeliveriesOnPostgres extends DeliveriesConformance {
        DeliveriesOnPostgres() {
            super(TestDatabase::postgres);
        }
    }
}
