package dev.atomic.shared.verify;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// How what came is compared with what was expected.
public enum Match {
    /// The same text.
    EXACT,

    /// The same but for white space at the ends of lines and of the text.
    TRIMMED,

    /// The same words, split at white space; numbers within a tolerance.
    TOKENS,

    /// The same lines, in any order.
    LINES,

    /// The same JSON values.
    JSON,

    /// The whole text matches an expression of RE2.
    REGEX;

    /// The name on the wire and in the database.
    @JsonValue
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Reads [#wire()].
    ///
    /// @throws IllegalArgumentException for any other text
    @JsonCreator
    public static Match of(String wire) {
        for (Match value : values()) {
            if (value.wire().equals(wire)) {
                return value;
            }
        }
        throw new IllegalArgumentException("no such value");
    }
}
