package dev.atomic.api.admission;

import dev.atomic.db.TestDatabase;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/// One suite, both databases.
class AdmissionIT {
    @Nested
    class OnH2 extends AdmissionConformance {
        OnH2() {
            super(TestDatabase::h2);
        }
    }

    @Nested
    @Tag("engine")
    class OnPostgres extends AdmissionConformance {
        OnPostgres() {
            super(TestDatabase::postgres);
        }
    }
}
