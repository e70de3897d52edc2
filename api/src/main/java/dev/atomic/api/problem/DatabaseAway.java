package dev.atomic.api.problem;

import dev.atomic.shared.DeadConnections;
import dev.atomic.shared.problem.ProblemCode;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.transaction.TransactionException;

/// Tells an error of a database that can't be reached, or not now, from one of ours.
public final class DatabaseAway {
    /// Seconds after which asking again is worth it.
    private static final int RETRY_AFTER = 2;

    private DatabaseAway() {}

    /// Whether asking again later may go better.
    public static boolean isCauseOf(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 20; depth++) {
            if (isAway(cause)) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    /// What a client is told.
    public static ProblemException problem() {
        return problem("The database can't be reached; try again.");
    }

    /// The same with words for the case.
    public static ProblemException problem(String detail) {
        return new ProblemException(
                ProblemCode.UNAVAILABLE, detail, java.util.List.of(), RETRY_AFTER);
    }

    private static boolean isAway(Throwable cause) {
        return switch (cause) {
            case DataAccessResourceFailureException _ -> true;
            case TransientDataAccessException _ -> true;
            case RecoverableDataAccessException _ -> true;
            case TransactionException _ -> true;
            case SQLTransientException _ -> true;
            case SQLRecoverableException _ -> true;
            case SQLNonTransientConnectionException _ -> true;
            case SQLException sql ->
                    isConnectionState(sql.getSQLState()) || DeadConnections.isCauseOf(sql);
            default -> false;
        };
    }

    /// SQLSTATE classes: 08 connection exception, 53 insufficient resources, 57P operator's
    /// shutdown.
    private static boolean isConnectionState(@Nullable String state) {
        return state != null
                && (state.startsWith("08") || state.startsWith("53") || state.startsWith("57P"));
    }
}
