package dev.atomic.shared.verify;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// Whose tests decided.
public enum TestsBy {
    CALLER,
    MODEL,
    BOTH;

    /// The name on the wire and in the database.
    @JsonValue
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Reads [#wire()].
    ///
    /// @throws IllegalArgumentException for any other text
    @JsonCreator
    public static TestsBy of(String wire) {
        for (TestsBy value : values()) {
            if (value.wire().equals(wire)) {
                return value;
            }
        }
        throw new IllegalArgumentException("no such value");
    }
}
