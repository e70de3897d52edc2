package dev.atomic.shared;

import com.zaxxer.hikari.HikariConfig;
import dev.atomic.db.Dialect;
import java.time.Duration;
import java.util.Properties;

/// How long a process waits for a database that neither answers nor refuses: stopped, hung, behind
/// a network that drops everything. Without a bound such a wait has no end.
///
/// Two bounds for each answer: the server is told to give a statement up, which costs nothing but
/// that statement; a little later the connection is given up, which is all that helps when the
/// server is hung. A connection that is given up is closed, and what it was doing may have happened
/// or not.
///
/// @param silence how long the database may be silent for everybody here, while somebody waits,
///   until it counts as away ([PatientPool]); up to half a second more may pass until that is seen
/// @param trial most time to try a connection that wasn't used for half a second
/// @param answer most time for one answer of the database, in whole seconds (PostgreSQL's driver
///   takes no fractions)
public record DatabasePatience(Duration silence, Duration trial, Duration answer) {
    /// A client is to have its 503 within 3 s. A statement that is slow because the database is
    /// busy has 1.9 s, and is answered 503 beyond.
    public static final DatabasePatience OF_REQUESTS =
            new DatabasePatience(
                    Duration.ofMillis(2_000), Duration.ofMillis(500), Duration.ofSeconds(2));

    /// No client waits for a worker's statement, and one that was cut off has to be repeated: a
    /// slow database must not be made slower. But one whose host is gone would be waited for for
    /// ever.
    public static final DatabasePatience OF_WORK =
            new DatabasePatience(
                    Duration.ofMillis(3_400), Duration.ofSeconds(1), Duration.ofSeconds(30));

    /// A process that is stopped, or cut off, in the middle of a transaction keeps its locks until
    /// the server ends its session; ours take milliseconds.
    private static final Duration IDLE_IN_TRANSACTION = Duration.ofSeconds(10);

    /// After this a worker whose heartbeat isn't answered counts as silent anyhow.
    private static final Duration SOON = Duration.ofSeconds(5);

    /// How long a thread waits for a connection until it looks whether that is of use still.
    private static final Duration TURN = Duration.ofMillis(500);

    private static final Duration MARGIN = Duration.ofMillis(100);

    /// Sets up a pool.
    void apply(HikariConfig pool, Dialect dialect) {
        pool.setConnectionTimeout(TURN.toMillis());
        pool.setValidationTimeout(trial.toMillis());
        long statement = answer.minus(MARGIN).toMillis();
        pool.setConnectionInitSql(
                dialect == Dialect.POSTGRESQL
                        ? "set statement_timeout = %d; set idle_in_transaction_session_timeout = %d"
                                .formatted(statement, IDLE_IN_TRANSACTION.toMillis())
                        : "set query_timeout %d; set lock_timeout %d"
                                .formatted(
                                        statement,
                                        Math.min(statement, IDLE_IN_TRANSACTION.toMillis())));
    }

    /// For what is asked outside the pool: whether the database is there, who lives. An answer is
    /// of use only if it comes soon, and a process that stops waits for it.
    DatabasePatience outsideThePool() {
        return answer.compareTo(SOON) <= 0 ? this : new DatabasePatience(silence, trial, SOON);
    }

    /// What the driver is to be told when a connection is opened.
    Properties driverProperties(Dialect dialect) {
        Properties properties = new Properties();
        if (dialect == Dialect.POSTGRESQL) {
            properties.setProperty("connectTimeout", "2");
            properties.setProperty("socketTimeout", Long.toString(answer.toSeconds()));
            properties.setProperty("tcpKeepAlive", "true");
        } else {
            properties.setProperty("NETWORK_TIMEOUT", Long.toString(answer.toMillis()));
        }
        return properties;
    }
}
