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
/// @param connection most time to get a connection from the pool before the database is asked
///   whether it is there ([PatientPool]); while it answers, the wait continues
/// @param trial most time to try one that wasn't used for half a second; comes on top of the time
///   waited for it. H2's driver knows no such bound and takes `answer`
/// @param answer most time for one answer of the database, in whole seconds (PostgreSQL's driver
///   takes no fractions)
public record DatabasePatience(Duration connection, Duration trial, Duration answer) {
    /// A client is to have its 503 within 3 s (with 1.5 s for the connection one took 3.004 on a
    /// busy machine), and asking a database that hangs takes 0.9 s of them. A statement that is
    /// slow because the database is busy has 1.9 s, and is answered 503 beyond.
    public static final DatabasePatience OF_REQUESTS =
            new DatabasePatience(
                    Duration.ofMillis(1_200), Duration.ofMillis(500), Duration.ofSeconds(2));

    /// No client waits for a worker's statement, and one that was cut off has to be repeated: a
    /// slow database must not be made slower. But one whose host is gone would be waited for for
    /// ever.
    public static final DatabasePatience OF_WORK =
            new DatabasePatience(
                    Duration.ofMillis(2_500), Duration.ofSeconds(1), Duration.ofSeconds(30));

    /// A process that is stopped, or cut off, in the middle of a transaction keeps its locks until
    /// the server ends its session; ours take milliseconds.
    private static final Duration IDLE_IN_TRANSACTION = Duration.ofSeconds(10);

    /// After this a worker whose heartbeat isn't answered counts as silent anyhow.
    private static final Duration SOON = Duration.ofSeconds(5);

    private static final Duration MARGIN = Duration.ofMillis(100);

    /// Sets up a pool.
    void apply(HikariConfig pool, Dialect dialect) {
        pool.setConnectionTimeout(connection.toMillis());
        pool.setValidationTimeout(trial.toMillis());
        pool.setDataSourceProperties(driverProperties(dialect));
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
        return answer.compareTo(SOON) <= 0 ? this : new DatabasePatience(connection, trial, SOON);
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
