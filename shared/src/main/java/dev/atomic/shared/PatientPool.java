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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.support.JdbcUtils;

/// The pool, which knows that being busy is no outage: a thread that waited for a connection in
/// vain goes on waiting as long as the database answers somebody.
///
/// The pool itself can't tell the two apart when it couldn't give a connection: all may be at work,
/// or all may be waiting for a database that hangs. So while anybody waits, the database is asked
/// on a connection of its own, again and again. One thread asks, however many want to know.
///
/// The database counts as away once it has been silent for as long as [DatabasePatience#silence()],
/// counted from the beginning of the wait or from the last sign. That leaves an answer nearly all
/// the time there is: on a machine that is so busy that one takes two seconds, it isn't taken for
/// an outage.
///
/// Thread-safe.
public final class PatientPool extends HikariDataSource {
    private static final Logger LOG = LoggerFactory.getLogger(PatientPool.class);

    /// The pool gives a connection that was used within half a second without a trial. So one that
    /// was given shows that the database answered not longer ago than this.
    private static final Duration UNTRIED = Duration.ofMillis(500);

    /// Between two questions.
    private static final Duration PAUSE = Duration.ofMillis(300);

    private static final int PROBE_SECONDS = 2;

    /// The longest wait for a connection of a pool that is busy, from the first attempt on.
    private static final Duration MAX_WAIT = Duration.ofSeconds(20);

    private final DataSource direct;
    private final Duration silence;

    /// Of the thread that asks.
    private @Nullable Connection probe;

    /// The one that is open, or was last.
    private @Nullable Question question;

    /// When the database answered last, by [System#nanoTime()].
    private volatile long lastSign = System.nanoTime();

    private record Question(long asked, CompletableFuture<Boolean> answer) {}

    /// @param config has the time that one attempt to get a connection takes
    /// @param direct makes a connection outside the pool, and gives it up in bounded time
    PatientPool(HikariConfig config, DataSource direct, DatabasePatience patience) {
        this.direct = direct;
        this.silence = patience.silence();
        super(config);
    }

    /// Connections outside the pool, each made when it is asked for: for what has to be known also
    /// while the pool is busy. To be used sparingly.
    public DataSource direct() {
        return direct;
    }

    /// @throws SQLTransientConnectionException when the database is silent, or the pool has been
    ///   busy for 20 s
    @Override
    public Connection getConnection() throws SQLException {
        long began = System.nanoTime();
        while (true) {
            try {
                Connection given = super.getConnection();
                sign(System.nanoTime() - UNTRIED.toNanos());
                return given;
            } catch (SQLTransientConnectionException e) {
                // A failed attempt to connect that it may name as its cause is no proof: on a busy
                // machine the attempt may have come to its end before it came to its turn.
                if (isSince(began, MAX_WAIT) || isClosed() || isSilent(began)) {
                    throw e;
                }
            }
        }
    }

    /// Whether the database has given no sign for so long that it counts as away. To be asked again
    /// and again by a thread that waits for it; the first question has it asked.
    ///
    /// @param began when the wait began, by [System#nanoTime()]
    public boolean isSilent(long began) {
        var _ = ask();
        long sign = lastSign;
        return isSince(sign - began > 0 ? sign : began, silence);
    }

    private static boolean isSince(long moment, Duration most) {
        return System.nanoTime() - moment > most.toNanos();
    }

    private synchronized void sign(long moment) {
        if (moment - lastSign > 0) {
            lastSign = moment;
        }
    }

    /// Whether the database takes a connection and answers on it, however busy the pool is.
    ///
    /// @param patience the longest wait for the answer
    public boolean answers(Duration patience) {
        try {
            return ask().get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// The question that is open. If none is, asks another, unless the last was asked just now.
    private synchronized CompletableFuture<Boolean> ask() {
        Question last = question;
        if (last != null && (isClosed() || !last.answer.isDone() || !isSince(last.asked, PAUSE))) {
            return last.answer;
        }
        Question next = new Question(System.nanoTime(), new CompletableFuture<>());
        // A virtual thread would wait for its turn behind all the requests.
        Thread.ofPlatform()
                .daemon()
                .name("database-probe")
                .start(() -> next.answer.complete(isAnswered()));
        question = next;
        return next.answer;
    }

    @Override
    public void close() {
        super.close();
        endQuestions();
    }

    private synchronized void endQuestions() {
        Question last = question;
        if (last != null) {
            var _ = last.answer.whenComplete((_, _) -> giveUp());
        }
    }

    /// On the connection of the last question: on a busy machine making one takes several times as
    /// long as asking on it. If it is broken, which says nothing, on a new one.
    private boolean isAnswered() {
        for (int attempt = 0; attempt < 2; attempt++) {
            try {
                if (probe == null) {
                    probe = direct.getConnection();
                }
                if (probe.isValid(PROBE_SECONDS)) {
                    sign(System.nanoTime());
                    return true;
                }
            } catch (SQLException | RuntimeException e) {
                // Whatever it is: a question that stayed open would be the last.
                LOG.debug("the database doesn't answer", e);
            }
            giveUp();
        }
        return false;
    }

    private void giveUp() {
        Connection broken = probe;
        probe = null;
        JdbcUtils.closeConnection(broken);
    }
}
