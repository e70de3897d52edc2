package dev.atomic.worker.sandbox.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.verify.Case;
import dev.atomic.shared.verify.Match;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What counts as the same, for each way to compare. `\n`, `\r`, `\t` in the tables stand for the
/// characters.
class ComparisonTest {
    @ParameterizedTest
    @CsvSource({
        "'', '', true",
        "'a\\n', 'a\\n', true",
        "'a\\n', 'a', false",
        "'a', 'a\\n', false",
        "'a\\n', 'a\\r\\n', false",
        "'a ', 'a', false",
        "'é', 'é', true",
        "'\u00e9', 'e\u0301', false",
        "'', ' ', false",
    })
    void exactIsEveryCharacter(String expected, String actual, boolean same) {
        holds(Match.EXACT, expected, actual, same);
    }

    @ParameterizedTest
    @CsvSource({
        "'a\\nb\\n', 'a\\nb', true",
        "'a\\nb', 'a \\r\\nb\\t\\r\\n\\r\\n', true",
        "'a', '\\n\\n  a', true",
        "'a\\nb', 'a\\n b', false",
        "'a\\nb', 'a\\n\\nb', false",
        "'a b', 'a  b', false",
        "'', '\\n \\n', true",
        "'', '0', false",
        "'5', '6', false",
        "'😀', '😀\\n', true",
    })
    void trimmedForgivesWhiteSpaceAtTheEnds(String expected, String actual, boolean same) {
        holds(Match.TRIMMED, expected, actual, same);
    }

    @ParameterizedTest
    @CsvSource({
        "'1 2\\n3', '1\\r\\n2 3\\n', true",
        "'1 2', '1 2 3', false",
        "'1 2 3', '1 2', false",
        "'', ' \\n', true",
        "'0.3', '0.30000000000000004', true",
        "'1e-9', '0', true",
        "'1e-8', '0', false",
        "'1', '1.0', true",
        "'1', '1e0', true",
        "'-0', '0', true",
        "'-0.0', '0', true",
        "'+7', '7', true",
        "'007', '7', true",
        "'1000000007', '1000000008', false",
        "'123456789012345678901234567890', '123456789012345678901234567891', false",
        "'123456789012345678901234567890', '0123456789012345678901234567890', true",
        "'1e10', '10000000001', true",
        "'NaN', 'nan', true",
        "'nan', '1', false",
        "'inf', 'Infinity', true",
        "'inf', '-inf', false",
        "'1e999', '1e998', false",
        "'1e999999999', '1', false",
        "'abc', 'abd', false",
        "'YES', 'yes', false",
        "'1.5x', '1.5', false",
        "'1,5', '1.5', false",
    })
    void tokensAreWordsAndNumbersWithinATolerance(String expected, String actual, boolean same) {
        holds(Match.TOKENS, expected, actual, same);
    }

    @Test
    void aLargerToleranceHoldsForWholeNumbersToo() {
        assertThat(Comparison.difference(Match.TOKENS, 1, "10", "11")).isEmpty();
        assertThat(Comparison.difference(Match.TOKENS, 0.001, "1000000", "1000900")).isEmpty();
        assertThat(Comparison.difference(Match.TOKENS, 0, "0.5", "0.50")).isEmpty();
        assertThat(Comparison.difference(Match.TOKENS, 0, "0.5", "0.5000001")).isPresent();
    }

    @ParameterizedTest
    @CsvSource({
        "'a\\nb\\n', 'b\\na', true",
        "'a\\na\\nb', 'a\\nb\\nb', false",
        "'a\\na', 'a', false",
        "'a\\nb', 'b \\r\\na\\r\\n', true",
        "'', '', true",
        "'a', '', false",
    })
    void linesMayComeInAnyOrder(String expected, String actual, boolean same) {
        holds(Match.LINES, expected, actual, same);
    }

    @ParameterizedTest(quoteTextArguments = false)
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "`{\"a\":1,\"b\":[2]}`, `{ \"b\": [2.0], \"a\": 1e0 }`, true",
                "`{\"a\":1}`, `{\"a\":1,\"b\":2}`, false",
                "`{\"a\":1,\"b\":2}`, `{\"a\":1}`, false",
                "`[1,2]`, `[2,1]`, false",
                "`[]`, `{}`, false",
                "`1`, `\"1\"`, false",
                "`1`, `true`, false",
                "`null`, `null`, true",
                "`null`, `0`, false",
                "`0`, `-0.0`, true",
                "`12345678901234567890123`, `12345678901234567890124`, false",
                "`0.1`, `0.10000000000000001`, false",
                "`1e400`, `10e399`, true",
                "`1`, `1 2`, false",
                "`1`, `NaN`, false",
                "`1`, ``, false",
                "`\"\\u00e9\"`, `\"é\"`, true",
                "`{\"a\":1}`, `{\"a\":1,\"a\":1}`, false",
            })
    void jsonIsComparedByValue(String expected, String actual, boolean same) {
        assertThat(
                        Comparison.difference(
                                        Match.JSON,
                                        Case.TOLERANCE,
                                        expected,
                                        actual == null ? "" : actual)
                                .isEmpty())
                .isEqualTo(same);
    }

    @Test
    void jsonOfAnyDepthIsAnsweredAndNotOverflowed() {
        String deep = "[".repeat(100_000);
        assertThat(Comparison.difference(Match.JSON, 0, "[]", deep)).isPresent();
        String allowed = "[".repeat(400) + "1" + "]".repeat(400);
        assertThat(Comparison.difference(Match.JSON, 0, allowed, allowed)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "'[0-9]+', '42', true",
        "'[0-9]+', '42\\n', false",
        "'[0-9]+\\s*', '42\\n', true",
        "'b', 'abc', false",
        "'.*', 'a\\nb', false",
        "'(?s).*', 'a\\nb', true",
        "'(a*)*b', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', false",
    })
    void aRegexHasToMatchTheWhole(String expected, String actual, boolean same) {
        // `\s` of the table is the expression's own.
        assertThat(
                        Comparison.difference(Match.REGEX, 0, expected, actual.replace("\\n", "\n"))
                                .isEmpty())
                .isEqualTo(same);
    }

    @Test
    void aRegexIsNotTriedOnALongText() {
        String text = "a".repeat(Comparison.MAX_REGEX_CHARS + 1);
        assertThat(Comparison.difference(Match.REGEX, 0, "a*", text))
                .hasValueSatisfying(why -> assertThat(why).contains("too many for regex"));
    }

    @Test
    void aDifferenceIsShownWithWhatStandsAroundIt() {
        Optional<String> diff =
                Comparison.difference(
                        Match.TRIMMED, 0, "one\ntwo\nthree\nfour\n", "one\ntwo\nTHREE\nfour\n");
        assertThat(diff)
                .hasValue("first difference in line 3\n@@\n one\n two\n-three\n+THREE\n four");
        assertThat(Comparison.difference(Match.EXACT, 0, "a\n", "a"))
                .hasValue("the newline at the end is missing");
        assertThat(Comparison.difference(Match.TOKENS, 0, "1 2", "1 3"))
                .hasValue("word 2: expected 2, got 3");
        assertThat(
                        Comparison.difference(
                                Match.JSON, 0, "{\"a\":[{\"b\":1}]}", "{\"a\":[{\"b\":2}]}"))
                .hasValue("$.a[0].b: expected 1, got 2");
        assertThat(Comparison.difference(Match.LINES, 0, "a\nb\nb", "a\nc"))
                .hasValue("missing: b (2 times)\nnot expected: c");
    }

    @Test
    void aDifferenceIsShortAndReadableWhateverWasPrinted() {
        String long1 = "x".repeat(500_000) + "A" + "y".repeat(500_000);
        String long2 = "x".repeat(500_000) + "B" + "y".repeat(500_000);
        String lines1 = "a\n".repeat(400_000);
        String lines2 = "b\n".repeat(400_000);
        String escape = "\u001b[31mred\u202e\n";
        for (Match match : new Match[] {Match.EXACT, Match.TRIMMED, Match.LINES, Match.TOKENS}) {
            assertShort(match, long1, long2);
            assertShort(match, lines1, lines2);
            assertShort(match, "", long2);
            assertShort(match, "plain", escape);
        }
        assertThat(Comparison.difference(Match.EXACT, 0, long1, long2).orElseThrow())
                .contains("-…xxx", "xxxAyyy", "xxxBxxx".substring(0, 4));
    }

    private static void assertShort(Match match, String expected, String actual) {
        String diff = Comparison.difference(match, 1e-9, expected, actual).orElseThrow();
        assertThat(diff).hasSizeLessThan(12_000).doesNotContain("\u001b", "\u202e");
    }

    private static void holds(Match match, String expected, String actual, boolean same) {
        assertThat(
                        Comparison.difference(match, Case.TOLERANCE, plain(expected), plain(actual))
                                .isEmpty())
                .isEqualTo(same);
    }

    private static String plain(String text) {
        return text.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t");
    }
}
