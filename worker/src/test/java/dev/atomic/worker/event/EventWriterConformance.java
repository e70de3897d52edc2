package dev.atomic.worker.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.atomic.db.TestDatabase;
import dev.atomic.shared.Json;
import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.checkpoint.UsageStore;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.event.LoggedEvent;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.transition.Transition;
import dev.atomic.worker.WorkerDatabase;
import dev.atomic.worker.claim.Claim;
import dev.atomic.worker.claim.StopReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataAccessException;

/// What is written is written once and in order, whatever happens to the database.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
abstract class EventWriterConformance {
    private static final JobEvent STARTED = new JobEvent.StageStarted(StageName.CODE, 0);

    private final Callable<TestDatabase> open;
    private final UUID worker = UUID.randomUUID();
    private WorkerDatabase db;
    private EventWriter writer;

    EventWriterConformance(Callable<TestDatabase> open) {
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
    }

    @AfterAll
    void stop() {
        writer.close();
        db.close();
    }

    @Test
    void eventsAndTheRowsThatGoWithThemAreCommittedTogetherAndInOrder() {
        Claim claim = db.claimed(worker);
        UUID id = claim.job().id();
        assertThat(commit(claim, STARTED)).isEqualTo(WriteResult.WRITTEN);
        writer.chunk(claim, StageName.CODE, 0, "a", false);
        writer.chunk(claim, StageName.CODE, 0, "b", false);
        WriteResult written =
                writer.commit(
                        claim,
                        List.of(
                                new JobEvent.File("x", 1, "s", 0),
                                new JobEvent.File("y", 1, "s", 0)),
                        _ -> pay(claim, 1));
        assertThat(written).isEqualTo(WriteResult.WRITTEN);
        assertThat(succeed(claim)).isEqualTo(WriteResult.WRITTEN);
        assertThat(text(id)).isEqualTo("ab");
        assertThat(db.types(id).stream().filter(type -> !type.equals("chunk")))
                .containsExactly("queued", "started", "stage_started", "file", "file", "succeeded");
        assertThat(db.job(id).course().state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(paid(id)).isEqualTo(1);
    }

    @Test
    void aReadOfAJobInHandOutlastsADatabaseThatIsAwayUnlessItsThreadIsInterrupted()
            throws Exception {
        Claim claim = db.claimed(worker);
        Claim interrupted = db.claimed(worker);
        AtomicInteger tries = new AtomicInteger();
        AtomicInteger brokenTries = new AtomicInteger();
        FutureTask<Job> read = read(claim, tries);
        FutureTask<Job> broken = read(interrupted, brokenTries);
        db.database.goAway();
        Thread reading = Thread.ofPlatform().start(read);
        Thread breaking = Thread.ofPlatform().start(broken);
        try {
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> tries.get() > 1 && brokenTries.get() > 1);
            assertThat(read.isDone()).as("it waits").isFalse();
            breaking.interrupt();
            assertThatThrownBy(() -> broken.get(20, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(DataAccessException.class);
        } finally {
            db.database.comeBack();
        }
        assertThat(read.get(20, TimeUnit.SECONDS).id()).isEqualTo(claim.job().id());
        assertThat(claim.stopReason()).isNull();
        assertThat(interrupted.stopReason()).isEqualTo(StopReason.SHUTDOWN);
        reading.join();
    }

    private FutureTask<Job> read(Claim claim, AtomicInteger tries) {
        return new FutureTask<>(() ->
                DatabaseOutage.outlast(
                        claim,
                        () -> {
                            tries.incrementAndGet();
                            return db.job(claim.job().id());
                        }));
    }

    @Test
    void manyJobsShareAFlushAndEachKeepsItsOrder() throws Exception {
        List<Claim> claims = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            claims.add(db.claimed(worker));
        }
        int before = db.source.commits();
        try (var threads = Executors.newFixedThreadPool(claims.size())) {
            List<Future<?>> all = new ArrayList<>();
            for (Claim claim : claims) {
                all.add(
                        threads.submit(() -> {
                            commit(claim, STARTED);
                            for (int i = 0; i < 300; i++) {
                                writer.chunk(claim, StageName.CODE, 0, i + " ", false);
                            }
                            assertThat(succeed(claim)).isEqualTo(WriteResult.WRITTEN);
                        }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        StringBuilder numbers = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            numbers.append(i).append(' ');
        }
        for (Claim claim : claims) {
            assertThat(text(claim.job().id())).isEqualTo(numbers.toString());
            assertThat(db.types(claim.job().id())).endsWith("succeeded");
        }
        assertThat(db.source.commits() - before).as("fewer commits than writes").isLessThan(24 * 3);
    }

    @Test
    void aFencedOffClaimWritesNothingAndIsToldSo() {
        Claim claim = db.claimed(worker);
        UUID id = claim.job().id();
        db.jobs.putBack(id, 1, 2, 2, Duration.ZERO, false, true);
        writer.chunk(claim, StageName.CODE, 0, "nobody sees this", false);
        assertThat(commit(claim, STARTED)).isEqualTo(WriteResult.FENCED);
        assertThat(claim.stopReason()).isEqualTo(StopReason.FENCED);
        assertThat(succeed(claim)).isEqualTo(WriteResult.FENCED);
        assertThat(db.types(id)).containsExactly("queued", "started");
    }

    @Test
    void aDeletedJobsClaimIsFencedOff() {
        Claim claim = db.claimed(worker);
        db.jdbc.sql("delete from job where id = ?").param(claim.job().id()).update();
        assertThat(commit(claim, STARTED)).isEqualTo(WriteResult.FENCED);
    }

    @Test
    void aJobCancelledInTheMeantimeEndsCancelled() {
        Claim claim = db.claimed(worker);
        UUID id = claim.job().id();
        db.jobs.requestCancel(id);
        assertThat(commit(claim, STARTED)).isEqualTo(WriteResult.WRITTEN);
        assertThat(succeed(claim)).isEqualTo(WriteResult.REFUSED);
        assertThat(claim.isStopped()).isFalse();
        assertThat(end(claim, JobState.CANCELLED, new JobEvent.Cancelled()))
                .isEqualTo(WriteResult.WRITTEN);
        assertThat(db.types(id)).containsExactly("queued", "started", "stage_started", "cancelled");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCommitWhoseAnswerIsLostIsNeitherDoubledNorMissed(boolean itHappened) {
        Claim claim = db.claimed(worker);
        UUID id = claim.job().id();
        lose(itHappened);
        assertThat(commit(claim, STARTED)).isEqualTo(WriteResult.WRITTEN);
        lose(itHappened);
        writer.chunk(claim, StageName.CODE, 0, "a", false);
        writer.output(claim, "stdout", 0, "b");
        assertThat(commit(claim, new JobEvent.File("x", 1, "s", 0))).isEqualTo(WriteResult.WRITTEN);
        lose(itHappened);
        assertThat(succeed(claim)).isEqualTo(WriteResult.WRITTEN);
        assertThat(claim.isStopped()).isFalse();
        assertThat(db.types(id))
                .containsExactly(
                        "queued",
                        "started",
                        "stage_started",
                        "chunk",
                        "sandbox_output",
                        "file",
                        "succeeded");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aJobThatWentBackWithoutAnAnswerWentBackOnce(boolean itHappened) {
        Claim claim = db.claimed(worker);
        UUID id = claim.job().id();
        lose(itHappened);
        WriteResult written =
                writer.end(
                        claim,
                        new JobEvent.Retrying("worker_stopped", "its worker was stopped", 0),
                        new Transition.PutBack(Duration.ZERO, false, false));
        assertThat(written).isEqualTo(WriteResult.WRITTEN);
        assertThat(db.types(id)).containsExactly("queued", "started", "retrying");
        assertThat(db.job(id).course().fence()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatWasToGoWithTheLastEventGoesWithItOnce(boolean itHappened) {
        Claim claim = db.claimed(worker);
        UUID id = claim.job().id();
        claim.ending(new Claim.Ending(List.of(STARTED), _ -> pay(claim, 5)));
        lose(itHappened);
        assertThat(succeed(claim)).isEqualTo(WriteResult.WRITTEN);
        assertThat(db.types(id)).containsExactly("queued", "started", "stage_started", "succeeded");
        assertThat(paid(id)).isEqualTo(5);
    }

    @Test
    void whatGoesWithAnEventIsDoneOnceThoughTheAnswerIsLost() {
        Claim claim = db.claimed(worker);
        UUID id = claim.job().id();
        lose(true);
        writer.commit(claim, List.of(STARTED), _ -> pay(claim, 5));
        lose(false);
        writer.commit(claim, List.of(STARTED), _ -> pay(claim, 5));
        assertThat(paid(id)).isEqualTo(10);
    }

    @Test
    void whileTheDatabaseIsAwayNothingIsLostAndTheOrderIsKept() throws Exception {
        Claim claim = db.claimed(worker);
        UUID id = claim.job().id();
        commit(claim, STARTED);
        writer.chunk(claim, StageName.CODE, 0, "before ", false);
        db.database.goAway();
        writer.chunk(claim, StageName.CODE, 0, "while ", false);
        CompletableFuture<WriteResult> waiting =
                CompletableFuture.supplyAsync(
                        () -> commit(claim, new JobEvent.File("x", 1, "s", 0)));
        writer.chunk(claim, StageName.DOCS, 0, "after", false);
        assertThat(waiting).isNotDone();
        db.database.comeBack();
        assertThat(waiting.get()).isEqualTo(WriteResult.WRITTEN);
        assertThat(succeed(claim)).isEqualTo(WriteResult.WRITTEN);
        assertThat(claim.isStopped()).isFalse();
        assertThat(text(id).replace("after", "")).isEqualTo("before while ");
        assertThat(db.types(id)).contains("file").endsWith("succeeded");
    }

    @Test
    void oneWriteThatCannotBeDoneKeepsNoOtherWaiting() {
        Claim bad = db.claimed(worker);
        Claim good = db.claimed(worker);
        writer.chunk(good, StageName.CODE, 0, "good", false);
        assertThatThrownBy(() ->
                        writer.commit(
                                bad,
                                List.of(STARTED),
                                _ -> {
                                    throw new IllegalStateException("a bug");
                                }))
                .isInstanceOf(CompletionException.class);
        assertThatThrownBy(() ->
                        writer.commit(
                                bad,
                                List.of(STARTED),
                                _ -> db.jdbc.sql("insert into job (id) values (null)").update()))
                .isInstanceOf(CompletionException.class);
        assertThat(succeed(good)).isEqualTo(WriteResult.WRITTEN);
        assertThat(succeed(bad)).as("and it can still end").isEqualTo(WriteResult.WRITTEN);
        assertThat(text(good.job().id())).isEqualTo("good");
        assertThat(db.types(bad.job().id())).containsExactly("queued", "started", "succeeded");
    }

    @Test
    void aLogThatGrowsTooLongStopsItsJob() {
        UUID id = db.admit();
        db.jdbc
                .sql("update job set last_seq = ? where id = ?")
                .param(EventWriter.MAX_EVENTS - 2)
                .param(id)
                .update();
        db.enqueue(List.of(id));
        Claim claim = db.claimNext(db.claims(worker));
        assertThat(commit(claim, STARTED)).isEqualTo(WriteResult.WRITTEN);
        assertThat(claim.isStopped()).isFalse();
        assertThat(commit(claim, STARTED)).isEqualTo(WriteResult.WRITTEN);
        assertThat(claim.stopReason()).isEqualTo(StopReason.TOO_LARGE);
        assertThat(succeed(claim)).isEqualTo(WriteResult.WRITTEN);
    }

    @Test
    void whatWasStreamedIsWrittenBeforeItCloses() {
        Claim claim = db.claimed(worker);
        EventWriter own =
                new EventWriter(
                        db.jobs,
                        db.log,
                        db.transitions,
                        db.transactions,
                        db.signals,
                        db.clock,
                        db.meters);
        own.output(claim, "stdout", 0, "last words");
        own.close();
        assertThat(db.types(claim.job().id()))
                .containsExactly("queued", "started", "sandbox_output");
    }

    @Test
    void streamedTextIsWrittenSoonWithoutACommit() {
        Claim claim = db.claimed(worker);
        writer.output(claim, "stdout", 0, "alone");
        await().atMost(Duration.ofSeconds(10))
                .until(() -> db.types(claim.job().id()).contains("sandbox_output"));
    }

    private void lose(boolean afterItHappened) {
        if (afterItHappened) {
            db.source.loseAfterCommit(1);
        } else {
            db.source.loseBeforeCommit(1);
        }
    }

    private WriteResult commit(Claim claim, JobEvent event) {
        return writer.commit(claim, List.of(event), _ -> {});
    }

    private WriteResult succeed(Claim claim) {
        return end(claim, JobState.SUCCEEDED, new JobEvent.Succeeded());
    }

    private WriteResult end(Claim claim, JobState state, JobEvent event) {
        return writer.end(claim, event, new Transition.End(state, null));
    }

    /// The chunks joined, their numbers counted.
    private void pay(Claim claim, long tokens) {
        Usage usage = new Usage(tokens, 0, 0.0, false);
        db.usage.add(claim.job(), new UsageStore.Paid(StageName.CODE, "p", usage));
    }

    private long paid(UUID id) {
        return db.usage.of(id).stream().mapToLong(paid -> paid.usage().inputTokens()).sum();
    }

    private String text(UUID id) {
        StringBuilder text = new StringBuilder();
        String stage = "";
        int index = 0;
        for (LoggedEvent event : db.wholeLog(id)) {
            if (event.type().equals("chunk")) {
                JobEvent.Chunk chunk = Json.read(event.payload(), JobEvent.Chunk.class);
                index = chunk.stage().wire().equals(stage) ? index : 0;
                stage = chunk.stage().wire();
                assertThat(chunk.chunkIndex()).isEqualTo(index++);
                text.append(chunk.delta());
            }
        }
        return text.toString();
    }
}
