package dev.atomic.shared.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// Which of the waiting jobs goes first.
public enum Priority {
    HIGH(0),
    NORMAL(1),
    LOW(2);

    private final int rank;

    Priority(int rank) {
        this.rank = rank;
    }

    /// What the database orders by: the lowest goes first.
    public int rank() {
        return rank;
    }

    /// Reads [#rank()].
    ///
    /// @throws IllegalArgumentException for any other number
    public static Priority ofRank(int rank) {
        for (Priority value : values()) {
            if (value.rank == rank) {
                return value;
            }
        }
        throw new IllegalArgumentException("no priority has rank " + rank);
    }

    /// The name on the wire.
    @JsonValue
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Reads [#wire()].
    ///
    /// @throws IllegalArgumentException for any other text
    @JsonCreator
    public static Priority of(String wire) {
        for (Priority value : values()) {
            if (value.wire().equals(wire)) {
                return value;
            }
        }
        throw new IllegalArgumentException("no such value");
    }
}
