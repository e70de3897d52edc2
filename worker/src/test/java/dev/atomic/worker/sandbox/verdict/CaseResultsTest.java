package dev.atomic.worker.sandbox.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.verify.CaseResult;
import dev.atomic.shared.verify.VerificationStatus;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CaseResultsTest {
    @Test
    void whatWasNeverBegunIsSkippedAndCounts() {
        CaseResults results = new CaseResults("cases", List.of("a", "b", "c", "d"), (_, _) -> {});
        results.add(result("a", true));
        results.add(result("b", false));
        assertThat(results.proof().score()).isEqualTo(0.25);
        assertThat(cases(results))
                .extracting(CaseResult::status)
                .containsExactly(
                        VerificationStatus.PASSED,
                        VerificationStatus.FAILED,
                        VerificationStatus.SKIPPED,
                        VerificationStatus.SKIPPED);
        assertThat(results.isAllPassed()).isFalse();
    }

    @Test
    void theTextsOfWhatFailedComeFirstWhereNotAllFit() {
        int count = 400;
        CaseResults results =
                new CaseResults("cases", Collections.nCopies(count, "n"), (_, _) -> {});
        for (int i = 0; i < count; i++) {
            results.add(result("n", i < count - 10));
        }
        List<CaseResult> cases = cases(results);
        long bytes = 0;
        for (CaseResult each : cases) {
            bytes += length(each.stdout()) + length(each.diff());
        }
        assertThat(bytes).isBetween(CaseResults.MAX_BYTES - 9_000L, (long) CaseResults.MAX_BYTES);
        assertThat(cases.getLast().diff()).isNotNull();
        assertThat(cases.getFirst().stdout()).isNotNull();
        assertThat(cases.get(count - 11).stdout()).isNull();
    }

    private static int length(@Nullable String text) {
        return text == null ? 0 : text.length();
    }

    private static List<CaseResult> cases(CaseResults results) {
        return Objects.requireNonNull(results.proof().cases());
    }

    private static CaseResult result(String name, boolean passed) {
        return new CaseResult(
                name,
                passed ? VerificationStatus.PASSED : VerificationStatus.FAILED,
                0,
                null,
                1,
                null,
                "x".repeat(4_096),
                passed ? null : "d".repeat(4_000));
    }
}
