package dev.atomic.worker.sandbox.isolated;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.verify.Evidence;
import dev.atomic.shared.verify.TestResult;
import dev.atomic.shared.verify.TestsBy;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What becomes of a verdict once it was judged from outside.
class ConfirmationTest {
    private static final Verification REPORTED =
            new Verification(
                    VerificationStatus.PASSED,
                    new Verification.Proof(
                            "tests",
                            Evidence.REPORTED,
                            null,
                            new Verification.Tests(3, 0, TestsBy.CALLER),
                            List.of(new TestResult("test_main.py::test", TestResult.Status.PASSED)),
                            null,
                            1.0),
                    Verification.Ending.NONE,
                    Verification.Printed.NOTHING,
                    new Verification.Cost(7, 5L, 9L),
                    1,
                    null,
                    List.of(),
                    Verification.Server.NONE,
                    null,
                    Verification.Container.NONE);

    @Test
    void asManyTestsAsBeforeMakeItIsolated() {
        Verification now = Confirmation.of(REPORTED, Finding.passed(3), true, 50);
        assertThat(now.status()).isEqualTo(VerificationStatus.PASSED);
        assertThat(now.proof().evidence()).isEqualTo(Evidence.ISOLATED);
        assertThat(now.proof().evidenceReason()).isNull();
        assertThat(now.cost()).isEqualTo(new Verification.Cost(50, 5L, 9L));
        assertThat(now.repairs()).isEqualTo(1);
    }

    @Test
    void anyOtherNumberDoesNot() {
        for (int passed : new int[] {0, 2, 4}) {
            Verification now = Confirmation.of(REPORTED, Finding.passed(passed), false, 50);
            assertThat(now.status()).isEqualTo(VerificationStatus.PASSED);
            assertThat(now.proof().evidence()).isEqualTo(Evidence.REPORTED);
            assertThat(now.proof().evidenceReason()).contains("of 3 tests");
        }
    }

    @Test
    void whatCouldNotBeCarriedIsNoFailureUnlessItWasDemanded() {
        Finding finding = Finding.passed(2).and(Finding.not("a subprocess"));
        Verification now = Confirmation.of(REPORTED, finding, false, 50);
        assertThat(now.passed()).isTrue();
        assertThat(now.proof().evidenceReason()).isEqualTo("a subprocess");

        Verification demanded = Confirmation.of(REPORTED, finding, true, 50);
        assertThat(demanded.status()).isEqualTo(VerificationStatus.FAILED);
        assertThat(demanded.reason()).isEqualTo("not_confirmed");
        assertThat(demanded.proof().evidence()).isEqualTo(Evidence.REPORTED);
    }
}
