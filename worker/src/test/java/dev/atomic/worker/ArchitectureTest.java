package dev.atomic.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.db.HouseRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final HouseRules RULES = new HouseRules("dev.atomic.worker");

    @Test
    void itServesNobodyAndItsActuatorIsBehindItsRules() {
        RULES.neverUses("org.springframework.web..", "dev.atomic.api..");
        RULES.onlyIn("dev.atomic.worker.actuator", "jakarta.servlet..");
    }

    @Test
    void onlyTheSandboxOpensTheEnginesSocketAndOnlyTheClientTheAgents() {
        RULES.onlyIn("dev.atomic.worker.sandbox.engine", "com.github.dockerjava..");
        RULES.onlyIn("dev.atomic.worker.agent", "org.newsclub..");
    }

    @Test
    void onlyTheQueueKnowsJobRunr() {
        RULES.onlyIn("dev.atomic.worker.queue", "org.jobrunr..");
    }

    @Test
    void packagesAreBySubjectAndFreeOfCycles() {
        RULES.packagesAreFreeOfCycles();
        RULES.roomsAreFreeOfCycles("dev.atomic.worker.sandbox");
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
                "dev.atomic.shared.transition",
                "dev.atomic.shared.job.WaitingJobs",
                "claimNext",
                "claim");
        RULES.onlyCalledIn(
                "dev.atomic.shared.transition", "dev.atomic.shared.job.HeldJobs", "hold", "letIn");
        RULES.onlyCalledIn(
                "dev.atomic.shared.transition", "dev.atomic.shared.event.EventLog", "append");
    }
}
