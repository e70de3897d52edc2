package dev.atomic.shared.verify;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BoundedRegexTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "((a?){100}){100}", // overflowed RE2/J's stack
                "(((((a{0,5}){0,5}){0,5}){0,5}){0,5})*b",
                "(a{1000}){1000}",
                "(a?b?c?d?e?f?g?h?i?j?k?l?m?n?o?p?q?r?s?t?u?v?w?x?y?z?){1000}",
                "(",
                "(?=a)b",
                "\\1",
            })
    void whatCostsTooMuchOrIsNoneIsRefused(String expression) {
        assertThat(BoundedRegex.refusal(expression)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z\\s*",
                "(?s)Hello.*world!?\\n",
                "([a-z]{1,100}\\n){1,9}",
                "(a*)*b",
            })
    void whatPeopleWriteIsTaken(String expression) {
        assertThat(BoundedRegex.refusal(expression)).isEmpty();
    }

    @Test
    void whatIsTakenNeverOverflows() {
        String text = "a".repeat(10_000);
        for (String expression :
                new String[] {"((a?){30}){22}", "(".repeat(400) + "a" + ")".repeat(400)}) {
            assertThat(BoundedRegex.of(expression).matches(text)).isFalse();
        }
    }
}
