package dev.atomic.shared.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;
import java.util.Locale;
import java.util.UUID;

/// Which of the waiting jobs goes first. A priority is worth ten minutes of waiting: jobs go in the
/// order they were admitted, as if a high one had come ten minutes earlier and a low one ten
/// minutes later. So none starves: a low job is passed by later normal ones for ten minutes, by
/// high ones for twenty, and then it is its turn.
public enum Priority {
    HIGH(0, Duration.ofMinutes(-10)),
    NORMAL(1, Duration.ZERO),
    LOW(2, Duration.ofMinutes(10));

    private final int rank;
    private final Duration behind;

    Priority(int rank, Duration behind) {
        this.rank = rank;
        this.behind = behind;
    }

    /// What waiting jobs are ordered by, the lowest first: when the job was admitted (its id says
    /// so), in milliseconds, moved by the priority's worth.
    public long queueOrder(UUID id) {
        return (id.getMostSignificantBits() >>> 16) + behind.toMillis();
    }

    /// How the database keeps it.
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
