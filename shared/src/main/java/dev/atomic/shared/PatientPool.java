package dev.atomic.shared;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// The pool, which knows that being busy is no outage: whoever waited for a connection in vain goes
/// on waiting as long as the database answers somebody.
///
/// The pool itself can't tell the two apart when it couldn't give a connection: all may be at work,
/// or all may be waiting for a database that hangs. So the database is asked, on a connection of
/// its own. One asks at a time, however many want to know.
///
/// Thread-safe.
public final class PatientPool extends HikariDataSource {
    /// With the time the pool waits by itself and the trial of a connection this stays below the 3
    /// s after which a client is to know that the database is away.
    private static final Duration ASKING = Duration.ofMillis(900);

    /// A connection that was given this lately shows that the database is at work: on a machine
    /// that is so busy that an answer takes longer than [#ASKING], others still get theirs.
    ///
    /// The pool gives one that was used within half a second without a trial, so with a database
    /// that hangs the last may be given half a second later. Who has waited for one in vain (1.2 s)
    /// must not take it for a sign.
    private static final Duration LATELY = Duration.ofMillis(600);

    /// The longest wait for a connection of a pool that is busy, from the first attempt on.
    private static final Duration MAX_WAIT = Duration.ofSeconds(20);

    private final DataSource direct;
    private @Nullable CompletableFuture<Boolean> asking;

    /// When somebody last got a connection, by [System#nanoTime()].
    private volatile long lastGiven = System.nanoTime() - LATELY.toNanos();

    /// @param config its `connectionTimeout` is the wait after which the database is asked
    /// @param direct makes a connection outside the pool, and gives it up in bounded time
    PatientPool(HikariConfig config, DataSource direct) {
        this.direct = direct;
        super(config);
    }

    /// Connections outside the pool, each made when it is asked for: for what has to be known also
    /// while the pool is busy. To be used sparingly.
    public DataSource direct() {
        return direct;
    }

    /// @throws SQLTransientConnectionException when the database doesn't answer, or the pool has
    ///   been busy for 20 s
    @Override
    public Connection getConnection() throws SQLException {
        long began = System.nanoTime();
        while (true) {
            try {
                Connection given = super.getConnection();
                lastGiven = System.nanoTime();
                return given;
            } catch (SQLTransientConnectionException e) {
                // A failed attempt to connect that it may name as its cause is no proof: on a busy
                // machine the attempt may have come to its end before it came to its turn.
                boolean late = System.nanoTime() - began > MAX_WAIT.toNanos();
                if (late || isClosed() || !isAtWork(ASKING)) {
                    throw e;
                }
            }
        }
    }

    /// Whether the database is at work for somebody here, or answers who asks it.
    ///
    /// @param patience the longest wait for the answer
    public boolean isAtWork(Duration patience) {
        return System.nanoTime() - lastGiven < LATELY.toNanos() || answers(patience);
    }

    /// Whether the database takes a connection and answers on it, however busy the pool is.
    ///
    /// @param patience the longest wait for the answer
    public boolean answers(Duration patience) {
        try {
            return current().get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private synchronized CompletableFuture<Boolean> current() {
        CompletableFuture<Boolean> known = asking;
        if (known != null && !known.isDone()) {
            return known;
        }
        CompletableFuture<Boolean> next = new CompletableFuture<>();
        asking = next;
        // A virtual thread would wait for its turn behind all the requests.
        Thread.ofPlatform().daemon().name("database-probe").start(() -> next.complete(ask()));
        return next;
    }

    private boolean ask() {
        try (Connection connection = direct.getConnection()) {
            return connection.isValid(1);
        } catch (SQLException | RuntimeException e) {
            return false;
        }
    }
}
