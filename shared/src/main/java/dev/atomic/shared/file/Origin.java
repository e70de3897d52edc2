package dev.atomic.shared.file;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// Where a file of a job comes from: the caller, the model, or a run in the sandbox.
public enum Origin {
    INPUT,
    MODEL,
    RUN;

    /// The name on the wire and in the database.
    @JsonValue
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Reads [#wire()].
    ///
    /// @throws IllegalArgumentException for any other text
    @JsonCreator
    public static Origin of(String wire) {
        for (Origin value : values()) {
            if (value.wire().equals(wire)) {
                return value;
            }
        }
        throw new IllegalArgumentException("no such value");
    }
}
