package dev.atomic.shared.verify;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// Who saw that a verdict is so.
public enum Evidence {
    /// The tests ran in the tested code's own process.
    REPORTED,

    /// The tests ran where the tested code can't reach, and called it over a channel of values.
    ISOLATED,

    /// The worker judged what came out of the container.
    OBSERVED;

    /// The name on the wire and in the database.
    @JsonValue
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Reads [#wire()].
    ///
    /// @throws IllegalArgumentException for any other text
    @JsonCreator
    public static Evidence of(String wire) {
        for (Evidence value : values()) {
            if (value.wire().equals(wire)) {
                return value;
            }
        }
        throw new IllegalArgumentException("no such value");
    }
}
