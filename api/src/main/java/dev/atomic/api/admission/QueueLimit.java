package dev.atomic.api.admission;

import dev.atomic.api.ApiSettings;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.db.DatabaseSettings;
import dev.atomic.shared.job.WaitingJobs;
import dev.atomic.shared.problem.ProblemCode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The queue's limit, exact over all api processes: the gate's row, whose lock lets one of them
/// admit at a time, and the bound in it. Claims never touch it.
///
/// Takes part in the caller's transaction. Used by one thread at a time.
@Component
final class QueueLimit {
    /// Locks the gate's row, too.
    private static final String RAISE_BOUND =
            """
            update admission_gate set waiting_at_most = waiting_at_most + :more, next_turn = next_turn + :more
            where id = 1\
            """;

    private final int maxSize;
    private final JdbcClient jdbc;
    private final WaitingJobs waiting;
    private final String raiseBound;
    private final DrainRate drain = new DrainRate();

    QueueLimit(
            ApiSettings settings, JdbcClient jdbc, WaitingJobs waiting, DatabaseSettings database) {
        this.maxSize = settings.maxQueueSize();
        this.jdbc = jdbc;
        this.waiting = waiting;
        this.raiseBound =
                database.dialect()
                        .returning(
                                RAISE_BOUND,
                                "waiting_at_most, next_turn, current_timestamp as now");
    }

    /// Most jobs that may wait.
    int maxSize() {
        return maxSize;
    }

    /// The gate as its holder finds it.
    ///
    /// @param waiting how many jobs wait, at most
    /// @param nextTurn above every turn given so far
    /// @param now by the database's clock
    record Gate(long waiting, long nextTurn, Instant now) {}

    /// Locks the gate and says how many jobs wait, at most: exactly, if it could matter to this
    /// many more. Counting them for each group would cost more the more there are, so the gate
    /// holds a bound, which rises by what may be admitted and falls when they are counted.
    Gate lockAndCount(int more) {
        Gate atMost =
                jdbc.sql(raiseBound)
                        .param("more", more)
                        .query((row, _) ->
                                new Gate(
                                        row.getLong("waiting_at_most"),
                                        row.getLong("next_turn") - more,
                                        row.getObject("now", OffsetDateTime.class).toInstant()))
                        .single();
        if (atMost.waiting() <= maxSize) {
            return new Gate(atMost.waiting() - more, atMost.nextTurn(), atMost.now());
        }
        int exactly = waiting.count(maxSize + 1);
        drain.counted(System.nanoTime(), exactly);
        jdbc.sql("update admission_gate set waiting_at_most = :waiting where id = 1")
                .param("waiting", exactly + more)
                .update();
        return new Gate(exactly, atMost.nextTurn(), atMost.now());
    }

    /// This many were added to those that wait.
    void admitted(int jobs) {
        drain.admitted(jobs);
    }

    /// Refuses a job because as many as this wait already.
    ProblemException full(long waiting) {
        return new ProblemException(
                ProblemCode.QUEUE_FULL,
                waiting + " jobs are waiting and the queue is full; try again later.",
                List.of(),
                drain.retryAfterSeconds(maxSize));
    }
}
