package dev.atomic.shared;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Tells the pool which of H2's errors mean that a connection is dead. H2 gives them SQL states of
/// its own, which the pool doesn't know; and it tries no connection that was used within the last
/// half second, so a busy process would continue with dead ones after the server was restarted
/// (seen: for as long as it asked twice a second).
///
/// The same holds for an answer that breaks off among its rows: neither H2's driver nor anybody
/// else calls that a broken connection (`ResultRemote.fetchRows`, H2 2.4.240).
///
/// Made by the pool, by name. Thread-safe.
public final class DeadConnections implements SQLExceptionOverride {
    /// Connection broken, database closed, object closed, IO exception (of H2's `ErrorCode`).
    private static final Set<Integer> DEAD = Set.of(90067, 90121, 90098, 90007, 90028, 90031);

    @java.lang.Override
    public Override adjudicate(SQLException error) {
        return isCauseOf(error) ? Override.MUST_EVICT : Override.CONTINUE_EVICT;
    }

    /// Whether the error is H2's own and not the statement's. PostgreSQL's codes are other ones
    /// (0).
    public static boolean isCauseOf(@Nullable Throwable error) {
        return error instanceof SQLException sql && DEAD.contains(sql.getErrorCode());
    }
}
