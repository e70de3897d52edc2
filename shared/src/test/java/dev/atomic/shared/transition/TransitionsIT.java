package dev.atomic.shared.transition;

import dev.atomic.db.TestDatabase;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

class TransitionsIT {
    @Nested
    class OnH2 extends TransitionsConformance {
        OnH2() {
            super(TestDatabase::h2);
        }
    }

    @Nested
    @Tag("engine")
    class OnPostgres extends TransitionsConformance {
        OnPostgres() {
            super(TestDatabase::postgres);
        }
    }
}
