package dev.atomic.shared.upkeep;

import java.time.Duration;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The `maintenance_turn` table: whose turn it is to do what one of many processes has to do now
/// and then. Nothing stays locked while it is done.
///
/// Thread-safe.
public final class MaintenanceTurns {
    private final JdbcClient jdbc;

    public MaintenanceTurns(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Takes the turn if it is due; the next one is due this much later, by the database's clock.
    ///
    /// @param name of a row the migrations made
    /// @return whether the caller has it, and no other
    public boolean take(String name, Duration every) {
        return jdbc.sql(
                                """
                                update maintenance_turn
                                set due_at = current_timestamp + cast(:millis as bigint) * interval '0.001' second
                                where name = :name and due_at <= current_timestamp
                                """)
                        .param("name", name)
                        .param("millis", every.toMillis())
                        .update()
                == 1;
    }
}
