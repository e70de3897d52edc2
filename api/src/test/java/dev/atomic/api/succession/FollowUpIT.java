package dev.atomic.api.succession;

import dev.atomic.db.TestDatabase;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/// One suite, both databases.
class FollowUpIT {
    @Nested
    class OnH2 extends FollowUpConformance {
        OnH2() {
            super(TestDatabase::h2);
        }
    }

    @Nested
    @Tag("engine")
    class OnPostgres extends FollowUpConformance {
        OnPostgres() {
            super(TestDatabase::postgres);
        }
    }
}
