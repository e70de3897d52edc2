package dev.atomic.shared.verify;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Optional;
import java.util.regex.Matcher;

/// An expression of RE2 (linear in the text, whatever the expression) of bounded size.
///
/// Thread-safe.
public final class BoundedRegex {
    private static final int MAX_LENGTH = 1_000;

    /// RE2 writes out what is counted: `(a{1000}){1000}` would be a million states.
    private static final long MAX_REPEATS = 10_000;

    /// What is counted is written out that often: so many characters of it at most.
    private static final long MAX_WRITTEN_OUT = 200_000;

    /// Instructions of RE2's program. Time is their number times the text's length (3 s for 64 Ki
    /// characters at worst), and RE2/J follows those that read nothing by recursion: at 30,000 its
    /// stack overflows.
    private static final int MAX_PROGRAM = 3_000;

    private static final java.util.regex.Pattern COUNTED =
            java.util.regex.Pattern.compile("\\{(\\d{1,9})(?:,(\\d{0,9}))?}");

    private final Pattern pattern;

    private BoundedRegex(Pattern pattern) {
        this.pattern = pattern;
    }

    /// Why an expression isn't taken; empty when it is.
    public static Optional<String> refusal(String expression) {
        if (expression.length() > MAX_LENGTH) {
            return Optional.of("may have at most " + MAX_LENGTH + " characters");
        }
        long repeats = repeats(expression);
        if (repeats > MAX_REPEATS) {
            return Optional.of("repeats too much: its counts multiply to more than " + MAX_REPEATS);
        }
        if (repeats * expression.length() > MAX_WRITTEN_OUT) {
            return Optional.of("repeats too much for its length");
        }
        try {
            return Pattern.compile(expression).programSize() > MAX_PROGRAM
                    ? Optional.of("is too complex: more than " + MAX_PROGRAM + " instructions")
                    : Optional.empty();
        } catch (PatternSyntaxException e) {
            return Optional.of("isn't a valid RE2 expression: " + e.getDescription());
        }
    }

    /// @throws IllegalArgumentException for one that [#refusal] refuses
    public static BoundedRegex of(String expression) {
        refusal(expression)
                .ifPresent(why -> {
                    throw new IllegalArgumentException(why);
                });
        return new BoundedRegex(Pattern.compile(expression));
    }

    /// Whether the whole text matches; a `.` matches a line's end only with `(?s)`.
    public boolean matches(String text) {
        return pattern.matcher(text).matches();
    }

    private static long repeats(String expression) {
        long product = 1;
        Matcher counted = COUNTED.matcher(expression);
        while (counted.find() && product <= MAX_REPEATS) {
            String most = counted.group(2);
            boolean hasMost = most != null && !most.isEmpty();
            product *= Math.max(1, Long.parseLong(hasMost ? most : counted.group(1)));
        }
        return product;
    }
}
