package dev.atomic.shared.verify;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// How one test ended, as reported where it ran.
///
/// @param name such as `test_main.py::test_adds`, at most [#MAX_NAME] characters without control
///   characters. A file that couldn't be loaded stands for its tests.
public record TestResult(String name, Status status) {
    /// Most characters of a name.
    public static final int MAX_NAME = 200;

    public TestResult {
        name = shown(name);
    }

    /// How a test ended.
    public enum Status {
        PASSED,

        /// It failed, or couldn't be set up or loaded.
        FAILED,

        /// By its own file.
        SKIPPED,

        /// By something else than its own file.
        LEFT_OUT;

        /// The name on the wire and in the database.
        @JsonValue
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        /// Reads [#wire()].
        ///
        /// @throws IllegalArgumentException for any other text
        @JsonCreator
        public static Status of(String wire) {
            for (Status value : values()) {
                if (value.wire().equals(wire)) {
                    return value;
                }
            }
            throw new IllegalArgumentException("no such value");
        }
    }

    /// A program may name its tests as it likes.
    private static String shown(String name) {
        StringBuilder text = new StringBuilder();
        name.codePoints()
                .limit(MAX_NAME)
                .map(point -> isStorable(point) ? point : '?')
                .forEach(text::appendCodePoint);
        while (text.length() > MAX_NAME) {
            text.setLength(text.offsetByCodePoints(text.length(), -1));
        }
        return text.toString();
    }

    private static boolean isStorable(int point) {
        return !Character.isISOControl(point) && Character.getType(point) != Character.SURROGATE;
    }
}
