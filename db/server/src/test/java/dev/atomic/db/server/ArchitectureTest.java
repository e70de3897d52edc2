package dev.atomic.db.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.db.HouseRules;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final HouseRules RULES = new HouseRules("dev.atomic.db.server");

    @Test
    void itKnowsNothingButTheSchemaAndTheDatabases() {
        RULES.usesNothingBut(
                "java..",
                "org.jspecify..",
                "org.slf4j..",
                "org.flywaydb.core.api..",
                "org.h2..",
                "org.postgresql..",
                "dev.atomic.db");
    }

    /// What H2 doesn't offer to others may change with any version ([KnownH2]).
    @Test
    void theInsideOfH2IsOneClassesSubject() {
        RULES.onlyIn(
                Set.of(Connections.class),
                "org.h2.command..",
                "org.h2.engine..",
                "org.h2.mvstore..",
                "org.h2.server..",
                "org.h2.store..",
                "org.h2.value..");
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
