package dev.atomic.worker.sandbox.compare;

import dev.atomic.shared.verify.Case;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The words of a text, split at white space. Used by one thread.
final class Tokens {
    private static final int MAX_NUMBER_CHARS = 400;
    private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]++");
    private static final Pattern NUMBER =
            Pattern.compile("[+-]?(?:[0-9]++(?:\\.[0-9]*+)?|\\.[0-9]++)(?:[eE][+-]?[0-9]{1,9})?");
    private static final Pattern UNBOUNDED =
            Pattern.compile("[+-]?(?:nan|inf|infinity)", Pattern.CASE_INSENSITIVE);

    private final String text;
    private int at;

    private Tokens(String text) {
        this.text = text;
    }

    private @Nullable String next() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        int from = at;
        while (at < text.length() && !Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return from == at ? null : text.substring(from, at);
    }

    /// The first word that isn't the same; empty when all are.
    static Optional<String> difference(String expected, String actual, double tolerance) {
        Tokens wanted = new Tokens(expected);
        Tokens got = new Tokens(actual);
        for (int number = 1; ; number++) {
            String want = wanted.next();
            String have = got.next();
            if (want == null && have == null) {
                return Optional.empty();
            }
            if (want == null || have == null || !isSame(want, have, tolerance)) {
                return Optional.of(
                        "word %d: expected %s, got %s".formatted(number, shown(want), shown(have)));
            }
        }
    }

    private static String shown(@Nullable String word) {
        return word == null ? "the end" : Excerpt.of(word);
    }

    /// Two whole numbers have to be the same unless a larger tolerance than the usual one was asked
    /// for: 1000000007 and 1000000008 differ by a relative 1e-9, and one of them is wrong.
    static boolean isSame(String want, String have, double tolerance) {
        if (want.equals(have)) {
            return true;
        }
        if (tolerance <= Case.TOLERANCE && isWhole(want) && isWhole(have)) {
            return digits(want).equals(digits(have));
        }
        if (isNumber(want) && isNumber(have)) {
            return isNear(Double.parseDouble(want), Double.parseDouble(have), tolerance);
        }
        return UNBOUNDED.matcher(want).matches()
                && UNBOUNDED.matcher(have).matches()
                && unbounded(want).equals(unbounded(have));
    }

    private static boolean isWhole(String word) {
        return WHOLE.matcher(word).matches();
    }

    private static boolean isNumber(String word) {
        return word.length() <= MAX_NUMBER_CHARS && NUMBER.matcher(word).matches();
    }

    /// Without a plus, leading zeros and the sign of zero.
    private static String digits(String whole) {
        boolean negative = whole.startsWith("-");
        int from = negative || whole.startsWith("+") ? 1 : 0;
        while (from < whole.length() - 1 && whole.charAt(from) == '0') {
            from++;
        }
        String digits = whole.substring(from);
        return negative && !digits.equals("0") ? "-" + digits : digits;
    }

    /// A number too large for a double is close to nothing.
    private static boolean isNear(double a, double b, double tolerance) {
        if (Double.isInfinite(a) || Double.isInfinite(b)) {
            return false;
        }
        double difference = Math.abs(a - b);
        return difference <= tolerance
                || difference <= tolerance * Math.max(Math.abs(a), Math.abs(b));
    }

    private static String unbounded(String word) {
        String lower = word.toLowerCase(Locale.ROOT);
        if (lower.endsWith("nan")) {
            return "nan";
        }
        return lower.startsWith("-") ? "-inf" : "inf";
    }
}
