package dev.atomic.worker.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.verify.Case;
import dev.atomic.shared.verify.CaseResult;
import dev.atomic.shared.verify.Checks;
import dev.atomic.shared.verify.Evidence;
import dev.atomic.shared.verify.Exchange;
import dev.atomic.shared.verify.Match;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What the model is told of cases that failed.
class FailedCasesTest {
    @Test
    void aFailedCaseGoesWithItsInputExpectationAndDifference() {
        String text =
                FailedCases.describe(
                        failed(List.of(result("a", true), result("b", false))),
                        cases(given("a", "in-a", false), given("b", "in-b", false)));
        assertThat(text)
                .isEqualTo(
                        "Verdict: failed, 1 of 2 passed\n\n2. b: failed\narguments:\n[\"arg of b\"]\ninput:\nin-b\n"
                                + "expected on stdout (trimmed):\nout of b\ndifference:\ndiff of b");
    }

    @Test
    void ofHiddenCasesNothingIsToldButHowManyFailed() {
        Verification failed =
                failed(
                        List.of(
                                result("secret one", false),
                                result("open", false),
                                result("secret two", false),
                                result("secret three", true)));
        String text =
                FailedCases.describe(
                        failed,
                        cases(
                                given("secret one", "secret-in", true),
                                given("open", "in", false),
                                given("secret two", "secret-in", true),
                                given("secret three", "secret-in", true)));
        assertThat(text).contains("2. open: failed", "2 hidden ones failed.");
        assertThat(text).doesNotContain("secret", "run printed");
    }

    @Test
    void aCaseNobodyKnowsIsNotToldOf() {
        String text = FailedCases.describe(failed(List.of(result("secret", false))), Checks.NONE);
        assertThat(text).contains("1 hidden ones failed.").doesNotContain("secret", "run printed");
    }

    @Test
    void itIsBoundedHoweverMuchFails() {
        List<Case> given = new ArrayList<>();
        List<CaseResult> results = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            given.add(given("n".repeat(200), "é".repeat(100_000), i % 2 == 0));
            results.add(
                    new CaseResult(
                            "n".repeat(200),
                            VerificationStatus.FAILED,
                            1,
                            null,
                            1,
                            null,
                            "x".repeat(4096),
                            "y".repeat(4096)));
        }
        String text =
                FailedCases.describe(failed(results), new Checks(false, given, List.of(), false));
        assertThat(text)
                .hasSizeLessThanOrEqualTo(Writings.MAX_FAILURE_CHARS)
                .contains("more failed.", "500 hidden ones failed.");
    }

    @Test
    void aFailedRequestGoesWithWhatWasAskedAndWhatTheServerSaid() {
        Exchange exchange =
                new Exchange(
                        "make",
                        "POST",
                        "/items",
                        Map.of(),
                        "{\"a\":1}",
                        new Exchange.Expected(201, Map.of(), null, null, null, Match.TRIMMED));
        String text =
                FailedCases.describe(
                        failed(List.of(result("make", false))),
                        new Checks(false, List.of(), List.of(exchange), false));
        assertThat(text)
                .contains(
                        "1. make: failed",
                        "POST /items",
                        "{\"a\":1}",
                        "\"status\":201",
                        "diff of make",
                        "out of the run",
                        "stderr:\nrun printed");
    }

    private static Checks cases(Case... cases) {
        return new Checks(false, List.of(cases), List.of(), false);
    }

    private static Case given(String name, String stdin, boolean hidden) {
        return new Case(
                name,
                List.of("arg of " + name),
                stdin,
                List.of(),
                0,
                "out of " + name,
                null,
                Match.TRIMMED,
                Case.TOLERANCE,
                null,
                hidden);
    }

    private static CaseResult result(String name, boolean passed) {
        @Nullable String diff = passed ? null : "diff of " + name;
        return new CaseResult(
                name,
                passed ? VerificationStatus.PASSED : VerificationStatus.FAILED,
                0,
                null,
                1,
                null,
                "out of the run",
                diff);
    }

    private static Verification failed(List<CaseResult> results) {
        return new Verification(
                VerificationStatus.FAILED,
                new Verification.Proof("cases", Evidence.OBSERVED, null, null, null, results, 0.5),
                new Verification.Ending(1, null, null),
                new Verification.Printed(
                        "run printed secret-in",
                        "run printed secret-in",
                        new Verification.Truncated(false, false)),
                Verification.Cost.NONE,
                0,
                null,
                List.of(),
                Verification.Server.NONE,
                null,
                Verification.Container.NONE);
    }
}
