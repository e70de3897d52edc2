package dev.atomic.worker.sandbox.compare;

import dev.atomic.shared.verify.BoundedRegex;
import dev.atomic.shared.verify.Match;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Compares what a program gave with what was expected. Pure; the cost is linear in both texts.
public final class Comparison {
    /// Most characters that an expression is matched with. One of many states is slow over a long
    /// text, though never worse than linear: 3 s at worst for this many.
    static final int MAX_REGEX_CHARS = 64 << 10;

    private static final int MAX_LINES_NAMED = 10;

    private Comparison() {}

    /// What differs, for people.
    ///
    /// @param tolerance of numbers, for [Match#TOKENS]
    /// @return empty when nothing does
    public static Optional<String> difference(
            Match match, double tolerance, String expected, String actual) {
        return switch (match) {
            case EXACT -> exact(expected, actual);
            case TRIMMED -> trimmed(expected, actual);
            case TOKENS -> Tokens.difference(expected, actual, tolerance);
            case LINES -> lines(trimmed(expected), trimmed(actual));
            case JSON -> JsonValues.same(expected, actual);
            case REGEX -> regex(expected, actual);
        };
    }

    private static Optional<String> exact(String expected, String actual) {
        if (expected.equals(actual)) {
            return Optional.empty();
        }
        if (expected.equals(actual + "\n")) {
            return Optional.of("the newline at the end is missing");
        }
        if (actual.equals(expected + "\n")) {
            return Optional.of("there is a newline at the end that isn't expected");
        }
        return Optional.of(LineDifference.of(expected, actual));
    }

    private static Optional<String> trimmed(String expected, String actual) {
        String wanted = trimmed(expected);
        String got = trimmed(actual);
        return wanted.equals(got) ? Optional.empty() : Optional.of(LineDifference.of(wanted, got));
    }

    /// Without white space at the ends of its lines and of the whole.
    private static String trimmed(String text) {
        return text.strip().lines().map(String::stripTrailing).collect(Collectors.joining("\n"));
    }

    private static Optional<String> lines(String expected, String actual) {
        Map<String, Integer> balance = new LinkedHashMap<>();
        expected.lines().forEach(line -> balance.merge(line, 1, Integer::sum));
        actual.lines().forEach(line -> balance.merge(line, -1, Integer::sum));
        StringBuilder text = new StringBuilder();
        int named = 0;
        for (Map.Entry<String, Integer> line : balance.entrySet()) {
            int missing = line.getValue();
            if (missing == 0) {
                continue;
            }
            if (++named > MAX_LINES_NAMED) {
                text.append("…\n");
                break;
            }
            text.append(missing > 0 ? "missing: " : "not expected: ")
                    .append(Excerpt.of(line.getKey()))
                    .append(Math.abs(missing) == 1 ? "" : " (" + Math.abs(missing) + " times)")
                    .append('\n');
        }
        return named == 0 ? Optional.empty() : Optional.of(text.toString().stripTrailing());
    }

    private static Optional<String> regex(String expression, String actual) {
        if (actual.length() > MAX_REGEX_CHARS) {
            return Optional.of(
                    "the text has more than "
                            + MAX_REGEX_CHARS
                            + " characters, too many for regex");
        }
        return BoundedRegex.of(expression).matches(actual)
                ? Optional.empty()
                : Optional.of(
                        "doesn't match " + Excerpt.of(expression) + "\ngot: " + Excerpt.of(actual));
    }
}
