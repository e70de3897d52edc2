package dev.atomic.db;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final HouseRules RULES = new HouseRules("dev.atomic.db");

    /// Drivers are found by their URLs: of neither database's classes it knows any.
    @Test
    void itKnowsNothingButFlyway() {
        RULES.usesNothingBut("java..", "javax.sql..", "org.jspecify..", "org.flywaydb.core..");
    }

    @Test
    void namesSayWhatAClassIs() {
        RULES.namesSayWhatAClassIs();
    }

    @Test
    void everyPackageIsNullMarked() throws Exception {
        assertThat(RULES.packagesWithoutNullMarked()).isEmpty();
    }

    @Test
    void filesAreShort() throws Exception {
        assertThat(RULES.filesThatAreTooLong()).isEmpty();
    }
}
