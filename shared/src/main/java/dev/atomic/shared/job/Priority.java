package dev.atomic.shared.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;
import java.util.Locale;

/// Which of a tenant's waiting jobs goes first. A priority is worth [#WORTH] of waiting: a tenant's
/// jobs go in the order they were admitted, as if a high one had come that much earlier and a low
/// one that much later. So none starves: a low job is passed by later normal ones for ten minutes,
/// by high ones for twenty, and then it is its turn.
///
/// Between tenants a priority is worth nothing: it says which job uses the tenant's next turn, not
/// when that turn is ([dev.atomic.shared.tenant.TenantQueues]).
public enum Priority {
    HIGH(0),
    NORMAL(1),
    LOW(2);

    /// What each step is worth.
    public static final Duration WORTH = Duration.ofMinutes(10);

    private final int rank;

    Priority(int rank) {
        this.rank = rank;
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
