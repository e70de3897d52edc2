package dev.atomic.shared;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import java.util.Set;

/// Tells the pool which of H2's errors mean that a connection is dead. H2 gives them SQL states of
/// its own, which the pool doesn't know; and it tries no connection that was used within the last
/// half second, so that a busy process would go on with dead ones after the server was restarted
/// (seen: for as long as it asked twice a second).
///
/// Made by the pool, by name. Thread-safe.
public final class DeadConnections implements SQLExceptionOverride {
    /// Connection broken, database closed, object closed (of H2's `ErrorCode`).
    private static final Set<Integer> DEAD = Set.of(90067, 90121, 90098, 90007);

    @java.lang.Override
    public Override adjudicate(SQLException error) {
        return DEAD.contains(error.getErrorCode()) ? Override.MUST_EVICT : Override.CONTINUE_EVICT;
    }
}
