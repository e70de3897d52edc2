package dev.atomic.db.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.db.HouseRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final HouseRules RULES = new HouseRules("dev.atomic.db.server");

    @Test
    void itKnowsTheSchemaAloneAndNobodyAboveIt() {
        RULES.neverUses(
                "org.springframework..",
                "org.jobrunr..",
                "tools.jackson..",
                "com.github.dockerjava..",
                "org.newsclub..",
                "dev.atomic.shared..",
                "dev.atomic.api..",
                "dev.atomic.worker..");
    }

    @Test
    void packagesAreBySubjectAndFreeOfCycles() {
        RULES.packagesAreFreeOfCycles();
    }

    @Test
    void nothingIsInjectedIntoFields() {
        RULES.nothingIsInjectedIntoFields();
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
