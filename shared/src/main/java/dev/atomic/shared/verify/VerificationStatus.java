package dev.atomic.shared.verify;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// The sandbox's verdict.
public enum VerificationStatus {
    PASSED,
    FAILED,
    TIMED_OUT,
    OUT_OF_MEMORY,
    OUTPUT_LIMIT,
    SKIPPED;

    /// The name on the wire and in the database.
    @JsonValue
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Reads [#wire()].
    ///
    /// @throws IllegalArgumentException for any other text
    @JsonCreator
    public static VerificationStatus of(String wire) {
        for (VerificationStatus value : values()) {
            if (value.wire().equals(wire)) {
                return value;
            }
        }
        throw new IllegalArgumentException("no such value");
    }
}
