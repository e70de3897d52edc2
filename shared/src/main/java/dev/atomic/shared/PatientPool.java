package dev.atomic.shared;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.net.SocketTimeoutException;
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
    private static final Duration ASKING = Duration.ofMillis(600);

    /// The longest wait for a connection of a pool that is busy, from the first attempt on.
    private static final Duration MAX_WAIT = Duration.ofSeconds(20);

    /// What the database said when it was asked: it is there, it refused, or nothing in time.
    private enum Answer {
        YES,
        NO,
        NONE
    }

    private final DataSource direct;
    private @Nullable CompletableFuture<Answer> asking;

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
                return super.getConnection();
            } catch (SQLTransientConnectionException e) {
                // A failed attempt to connect that it may name as its cause is no proof: on a busy
                // machine the attempt may have come to its end before it came to its turn.
                boolean late = System.nanoTime() - began > MAX_WAIT.toNanos();
                if (late || isClosed() || !answers(ASKING)) {
                    throw e;
                }
            }
        }
    }

    /// Whether the database takes a connection and answers on it, however busy the pool is.
    ///
    /// @param patience the longest wait for the answer, in [FairTime]: longer by the clock while
    ///   this process is kept from running, but at most 20 s
    public boolean answers(Duration patience) {
        long began = System.nanoTime();
        FairTime time = FairTime.start();
        Duration left = patience;
        try {
            while (left.isPositive() && System.nanoTime() - began < MAX_WAIT.toNanos()) {
                Answer answer = await(current(), left);
                if (answer != Answer.NONE) {
                    return answer == Answer.YES;
                }
                left = patience.minus(time.elapsed());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    private static Answer await(CompletableFuture<Answer> answer, Duration longest)
            throws InterruptedException {
        try {
            return answer.get(Math.max(1, longest.toMillis()), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return Answer.NONE;
        }
    }

    private synchronized CompletableFuture<Answer> current() {
        CompletableFuture<Answer> known = asking;
        if (known != null && !known.isDone()) {
            return known;
        }
        CompletableFuture<Answer> next = new CompletableFuture<>();
        asking = next;
        // A virtual thread would wait for its turn behind all the requests.
        Thread.ofPlatform().daemon().name("database-probe").start(() -> next.complete(ask()));
        return next;
    }

    private Answer ask() {
        try (Connection connection = direct.getConnection()) {
            return connection.isValid(1) ? Answer.YES : Answer.NONE;
        } catch (SQLException | RuntimeException e) {
            System.err.println("PROBE " + e + " / " + e.getCause());
            return timedOut(e) ? Answer.NONE : Answer.NO;
        }
    }

    private static boolean timedOut(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 20; depth++) {
            if (cause instanceof SocketTimeoutException) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }
}
