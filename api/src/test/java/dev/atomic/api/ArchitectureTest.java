package dev.atomic.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.db.HouseRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final HouseRules RULES = new HouseRules("dev.atomic.api");

    @Test
    void neitherTheEngineNorTheAgentIsReachedFromHere() {
        RULES.neverUses("com.github.dockerjava..", "org.newsclub..", "dev.atomic.worker..");
    }

    @Test
    void packagesAreFreeOfCycles() {
        RULES.packagesAreFreeOfCycles();
        RULES.roomsAreFreeOfCycles("dev.atomic.api.relay");
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

    /// A row that moves without its event, or the other way round, is a log that lies.
    @Test
    void jobsMoveOnlyThroughTransitions() {
        RULES.onlyCalledIn(
                "dev.atomic.shared.transition",
                "dev.atomic.shared.job.JobStore",
                "insert",
                "claim",
                "advance",
                "finish",
                "putBack",
                "withdraw");
        RULES.onlyCalledIn(
                "dev.atomic.shared.transition", "dev.atomic.shared.job.WaitingJobs", "claimNext");
        RULES.onlyCalledIn(
                "dev.atomic.shared.transition", "dev.atomic.shared.event.EventLog", "append");
    }
}
