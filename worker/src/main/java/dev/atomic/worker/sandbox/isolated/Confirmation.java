package dev.atomic.worker.sandbox.isolated;

import dev.atomic.shared.verify.Evidence;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
import java.util.Objects;

/// What becomes of a verdict that tests reported, once they were judged from outside or couldn't
/// be. Pure.
public final class Confirmation {
    private Confirmation() {}

    /// @param reported a verdict of tests, all passed
    /// @param demanded whether only isolated evidence counts
    /// @param durationMs from asked to the end of both runs
    public static Verification of(
            Verification reported, Finding finding, boolean demanded, long durationMs) {
        Verification.Proof proof = reported.proof();
        Verification.Tests tests = Objects.requireNonNull(proof.tests());
        String reason = finding.reason();
        if (reason == null && finding.passed() != tests.run()) {
            reason =
                    "of %d tests that passed, %d did with the tests in a process of their own"
                            .formatted(tests.run(), finding.passed());
        }
        boolean confirmed = reason == null;
        Verification.Proof now =
                new Verification.Proof(
                        proof.kind(),
                        confirmed ? Evidence.ISOLATED : Evidence.REPORTED,
                        reason,
                        tests,
                        proof.testResults(),
                        proof.cases(),
                        proof.score());
        boolean refused = demanded && !confirmed;
        Verification.Cost cost = reported.cost();
        return new Verification(
                refused ? VerificationStatus.FAILED : reported.status(),
                now,
                reported.ending(),
                reported.printed(),
                new Verification.Cost(durationMs, cost.cpuMs(), cost.peakMemoryBytes()),
                reported.repairs(),
                refused ? "not_confirmed" : reported.reason(),
                reported.missing(),
                reported.server(),
                reported.compile(),
                reported.container());
    }
}
