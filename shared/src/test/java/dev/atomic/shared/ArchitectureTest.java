package dev.atomic.shared;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.db.HouseRules;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final HouseRules RULES = new HouseRules("dev.atomic.shared");

    @Test
    void itSpeaksNoWireOfItsOwn() {
        RULES.neverUses(
                "org.springframework.web..",
                "jakarta.servlet..",
                "com.github.dockerjava..",
                "org.newsclub..",
                "dev.atomic.api..",
                "dev.atomic.worker..");
    }

    @Test
    void theInsideOfH2IsOneClassesSubject() {
        RULES.onlyIn(Set.of(H2Connection.class), "org.h2..");
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
