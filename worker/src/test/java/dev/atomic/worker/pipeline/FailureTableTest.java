package dev.atomic.worker.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.job.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Holds the tables of `docs/failures.md` and the code together: it reads both.
class FailureTableTest {
    private static final Pattern SET_BY_US =
            Pattern.compile("(?:new Failure|new AgentReply\\.Failed)\\(\\s*\"(\\w+)\"");
    private static final Pattern RETRIED_BY_US =
            Pattern.compile("new AgentReply\\.Failed\\(\\s*\"(\\w+)\"[^;]*?,\\s*true,\\s*null\\)");
    private static final Pattern ROW =
            Pattern.compile(
                    "^\\| `(\\w+)` \\| ([^|]*) \\|[^|]*\\|[^|]*\\| ([^|]*) \\|", Pattern.MULTILINE);

    @Test
    void theTableHasTheCodesOfTheCodeAndNoOthers() throws IOException {
        Set<String> agents = agentsCodes("class ErrorCode", "(?m)^ +[A-Z_]+ = \"(\\w+)\"");
        Set<String> ours = found(SET_BY_US);
        assertThat(agents).contains("rate_limited", "auth");
        assertThat(ours).contains("no_code", "agent_unreachable");
        Set<String> all = new TreeSet<>(agents);
        all.addAll(ours);
        assertThat(column(row -> true)).containsExactlyElementsOf(all);
        assertThat(column(row -> row.group(2).contains("agent"))).containsExactlyElementsOf(agents);
        assertThat(column(row -> row.group(2).contains("worker"))).containsExactlyElementsOf(ours);
    }

    @Test
    void whatIsTriedAgainIsWhatTheCodeSaysIsRetryable() throws IOException {
        Set<String> retried =
                agentsCodes("RETRYABLE_BY_DEFAULT = ", "ErrorCode\\.([A-Z_]+)").stream()
                        .map(code -> code.toLowerCase(Locale.ROOT))
                        .collect(Collectors.toCollection(TreeSet::new));
        assertThat(retried).contains("rate_limited").containsAll(found(RETRIED_BY_US));
        assertThat(found(RETRIED_BY_US)).contains("timeout");
        assertThat(column(row -> row.group(3).equals("yes"))).containsExactlyElementsOf(retried);
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

    private static Set<String> column(java.util.function.Predicate<MatchResult> which)
            throws IOException {
        return ROW.matcher(section("## Errors of jobs", "### What is tried again"))
                .results()
                .filter(which)
                .map(row -> row.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> found(Pattern code) throws IOException {
        Set<String> codes = new TreeSet<>();
        for (Path sources : List.of(Path.of("src/main/java"), Path.of("../shared/src/main/java"))) {
            try (Stream<Path> files = Files.walk(sources)) {
                for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    code.matcher(Files.readString(file))
                            .results()
                            .forEach(one -> codes.add(one.group(1)));
                }
            }
        }
        return codes;
    }

    /// Of the agent's module of messages, from where `begin` stands to the next empty line but one.
    private static Set<String> agentsCodes(String begin, String code) throws IOException {
        String text = Files.readString(Path.of("../python-agent/atomic_agent/messages.py"));
        String block = text.substring(text.indexOf(begin)).split("\n\n\n", 2)[0];
        return Pattern.compile(code)
                .matcher(block)
                .results()
                .map(one -> one.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String section(String begin, String end) throws IOException {
        String text = Files.readString(Path.of("../docs/failures.md"));
        return text.substring(text.indexOf("\n" + begin), text.indexOf("\n" + end));
    }
}
