package dev.atomic.worker.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Holds the tables of `docs/failures.md` to the codes and outcomes there are.
class FailureTableTest {
    private static final Pattern ROW =
            Pattern.compile(
                    "^\\| `(\\w+)` \\| ([^|]*) \\|[^|]*\\|[^|]*\\| ([^|]*) \\|", Pattern.MULTILINE);

    @Test
    void theTableHasEveryCodeWithWhoSetsItAndNoOther() throws IOException {
        assertThat(rows(row -> true)).containsExactlyInAnyOrderElementsOf(codes(_ -> true));
        assertThat(rows(row -> row.group(2).contains("agent")))
                .containsExactlyInAnyOrderElementsOf(codes(FailureCode::isAgents));
        assertThat(rows(row -> row.group(2).contains("worker")))
                .containsExactlyInAnyOrderElementsOf(codes(FailureCode::isWorkers));
    }

    /// Only a stage that asks the model is tried again: an engine is waited for instead.
    @Test
    void whatIsTriedAgainIsWhatIsRetryableAndCanComeFromTheAgent() throws IOException {
        assertThat(rows(row -> row.group(3).equals("yes")))
                .containsExactlyInAnyOrderElementsOf(
                        codes(code -> code.isRetryable() && code.isAgents()));
    }

    @Test
    void everyOutcomeIsExplained() throws IOException {
        String table = section("### What is tried again", "## Exit codes");
        List<String> rows = new ArrayList<>();
        Pattern.compile("^\\| `(\\w+)`", Pattern.MULTILINE)
                .matcher(table)
                .results()
                .forEach(row -> rows.add(row.group(1)));
        assertThat(rows)
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(Outcome.class.getPermittedSubclasses())
                                .map(Class::getSimpleName)
                                .toList());
    }

    private static List<String> codes(Predicate<FailureCode> which) {
        return Arrays.stream(FailureCode.values()).filter(which).map(FailureCode::wire).toList();
    }

    private static List<String> rows(Predicate<MatchResult> which) throws IOException {
        return ROW.matcher(section("## Errors of jobs", "### What is tried again"))
                .results()
                .filter(which)
                .map(row -> row.group(1))
                .toList();
    }

    private static String section(String begin, String end) throws IOException {
        String text = Files.readString(Path.of("../docs/failures.md"));
        return text.substring(text.indexOf("\n" + begin), text.indexOf("\n" + end));
    }
}
