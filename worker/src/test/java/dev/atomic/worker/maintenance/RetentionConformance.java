package dev.atomic.worker.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.db.TestDatabase;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.file.FileContents;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.FileStore.Role;
import dev.atomic.shared.file.Origin;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.TestJobs;
import dev.atomic.shared.transition.Transition;
import dev.atomic.shared.upkeep.FinishedJobs;
import dev.atomic.shared.upkeep.JobTotals;
import dev.atomic.shared.upkeep.MaintenanceTurns;
import dev.atomic.worker.WorkerDatabase;
import dev.atomic.worker.claim.Claim;
import dev.atomic.worker.event.EventWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/// Old jobs go, with all that is theirs, and nothing else does. Whatever the database.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
abstract class RetentionConformance {
    private static final Duration AGE = Duration.ofDays(30);

    private final Callable<TestDatabase> open;
    private WorkerDatabase db;
    private EventWriter writer;
    private FileContents contents;
    private FileStore files;
    private JobTotals totals;
    private MaintenanceTurns turns;

    RetentionConformance(Callable<TestDatabase> open) {
        this.open = open;
    }

    @BeforeAll
    void start() throws Exception {
        db = new WorkerDatabase(open.call());
        writer =
                new EventWriter(
                        db.jobs,
                        db.log,
                        db.transitions,
                        db.transactions,
                        db.signals,
                        db.clock,
                        db.meters);
        contents = new FileContents(db.jdbc, db.database.dialect());
        files = new FileStore(db.jdbc, contents);
        totals = new JobTotals(db.jdbc);
        turns = new MaintenanceTurns(db.jdbc);
    }

    @AfterAll
    void stop() {
        writer.close();
        db.close();
    }

    @BeforeEach
    void anew() {
        for (String table : List.of("job", "blob_content", "blob_released")) {
            db.jdbc.sql("delete from " + table).update();
        }
        itsTurn();
    }

    @Test
    void oldJobsGoWithAllThatIsTheirsAndTotalsStay() {
        UUID old = finished(31);
        UUID young = finished(29);
        UUID waiting = aged(db.admit(), 40);
        JobTotals.Totals before = totals.read();

        retention().pass();

        assertThat(db.jobs.find(old)).isEmpty();
        assertThat(db.jobs.find(young)).isPresent();
        assertThat(files.read(young, Role.WORKSPACE)).hasSize(1);
        assertThat(db.jobs.find(waiting)).as("it hasn't finished").isPresent();
        assertThat(totals.read().byState()).isEqualTo(before.byState());
        assertThat(totals.read().latencyMs())
                .isCloseTo(before.latencyMs(), org.assertj.core.data.Offset.offset(1.0));
        assertThat(count("blob_content")).as("left alone for a while").isEqualTo(2);
        db.jdbc
                .sql("update blob_released set released_at = released_at - interval '2' hour")
                .update();
        itsTurn();
        retention().pass();
        assertThat(count("blob_content")).isEqualTo(1);
        assertThat(count("blob_released")).isZero();
    }

    @Test
    void ofManyWorkersOneHasTheTurn() throws Exception {
        List<Future<Boolean>> taken = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 8; i++) {
                taken.add(threads.submit(() -> turns.take("retention", Retention.EVERY)));
            }
        }
        int had = 0;
        for (Future<Boolean> one : taken) {
            had += one.get() ? 1 : 0;
        }
        assertThat(had).isEqualTo(1);
        UUID old = finished(31);
        retention().pass();
        assertThat(db.jobs.find(old)).as("not this one's turn").isPresent();
        itsTurn();
        retention().pass();
        assertThat(db.jobs.find(old)).isEmpty();
    }

    @Test
    void aPassIsBoundedInTimeAndTheNextGoesOn() {
        for (int i = 0; i < 5; i++) {
            finished(31);
        }
        AtomicLong nanos = new AtomicLong();
        // Each look at the clock is half of what a pass may take.
        LongSupplier clock = () -> nanos.getAndAdd(Retention.MAX_DURATION.toNanos() / 2);
        retention(clock).pass();
        assertThat(count("job")).isEqualTo(4);
        itsTurn();
        retention().pass();
        assertThat(count("job")).isZero();
    }

    @Test
    void moreThanAPageGoInOnePass() {
        db.transactions.executeWithoutResult(_ -> {
            for (int i = 0; i < 230; i++) {
                UUID id = aged(db.admit(), 40);
                db.jdbc
                        .sql(
                                """
                                update job set state = 'cancelled', finished_at = created_at where id = ?
                                """)
                        .param(id)
                        .update();
            }
        });
        retention().pass();
        assertThat(count("job")).isZero();
    }

    private Retention retention() {
        return retention(System::nanoTime);
    }

    private Retention retention(LongSupplier nanos) {
        return new Retention(
                turns,
                new FinishedJobs(db.jdbc, contents, totals),
                contents,
                db.transactions,
                AGE,
                nanos);
    }

    /// A job that was admitted and finished this many days ago, with a file.
    private UUID finished(int days) {
        Claim claim = db.claimed(UUID.randomUUID());
        UUID id = claim.job().id();
        writer.end(claim, new JobEvent.Succeeded(), new Transition.End(JobState.SUCCEEDED, null));
        UUID aged = aged(id, days);
        db.transactions.executeWithoutResult(_ ->
                files.put(
                        "default",
                        aged,
                        Role.WORKSPACE,
                        SourceFile.of("main.py", "print(" + days + ")"),
                        Origin.MODEL));
        return aged;
    }

    /// The same job as if all had happened this many days earlier, its id too.
    private UUID aged(UUID id, int days) {
        UUID old =
                new UUID(
                        id.getMostSignificantBits() - (Duration.ofDays(days).toMillis() << 16),
                        id.getLeastSignificantBits());
        db.jdbc.sql("delete from job_event where job_id = ?").param(id).update();
        TestJobs.rename(db.jdbc, id, old);
        db.jdbc
                .sql(
                        """
                        update job
                        set created_at = created_at - cast(:days as bigint) * interval '1' day,
                            finished_at = finished_at - cast(:days as bigint) * interval '1' day
                        where id = :id
                        """)
                .param("days", days)
                .param("id", old)
                .update();
        return old;
    }

    private void itsTurn() {
        db.jdbc
                .sql("update maintenance_turn set due_at = current_timestamp - interval '1' second")
                .update();
    }

    private int count(String table) {
        return db.jdbc.sql("select count(*) from " + table).query(Integer.class).single();
    }
}
