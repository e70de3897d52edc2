package dev.atomic.shared.checkpoint;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// How a stage stands.
public enum StageStatus {
    PENDING,
    RUNNING,
    SUCCEEDED,
    FAILED,
    SKIPPED,
    CANCELLED;

    /// The name on the wire and in the database.
    @JsonValue
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Reads [#wire()].
    ///
    /// @throws IllegalArgumentException for any other text
    @JsonCreator
    public static StageStatus of(String wire) {
        for (StageStatus value : values()) {
            if (value.wire().equals(wire)) {
                return value;
            }
        }
        throw new IllegalArgumentException("no such value");
    }
}
