package dev.atomic.shared.upkeep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atomic.db.TestDatabase;
import dev.atomic.shared.checkpoint.Checkpoint;
import dev.atomic.shared.checkpoint.CheckpointStore;
import dev.atomic.shared.checkpoint.StageStatus;
import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.file.FileContents;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.FileStore.Role;
import dev.atomic.shared.file.Origin;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.job.TestJobs;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// What is left when a job has ended: its deletion, what others take over from it, and when a
/// content that nobody refers to goes. Whatever the database.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
abstract class FinishedJobsConformance {
    private static final Duration DAY = Duration.ofDays(1);

    private final Callable<TestDatabase> open;
    private final ExecutorService other = Executors.newCachedThreadPool();
    private TestDatabase database;
    private JdbcClient jdbc;
    private TransactionTemplate transactions;
    private JobStore jobs;
    private FileContents contents;
    private FileStore files;
    private JobTotals totals;
    private FinishedJobs finished;

    FinishedJobsConformance(Callable<TestDatabase> open) {
        this.open = open;
    }

    @BeforeAll
    void start() throws Exception {
        database = open.call();
        var source = database.dataSource();
        jdbc = JdbcClient.create(source);
        transactions = new TransactionTemplate(new JdbcTransactionManager(source));
        jobs = new JobStore(jdbc, database.dialect());
        contents = new FileContents(jdbc, database.dialect());
        files = new FileStore(jdbc, contents);
        totals = new JobTotals(jdbc);
        finished = new FinishedJobs(jdbc, contents, totals);
    }

    @AfterAll
    void stop() {
        other.shutdownNow();
        database.close();
    }

    @BeforeEach
    void empty() {
        jdbc.sql("delete from job").update();
        jdbc.sql("delete from blob_content").update();
        jdbc.sql("delete from blob_released").update();
    }

    @Test
    void aDeletedJobTakesAllWithItButItsPartOfTheTotals() {
        UUID id = finished(JobState.FAILED);
        put(id, "main.py", "x");
        new CheckpointStore(jdbc)
                .begin(jobs.find(id).orElseThrow(), StageName.SPEC, 0, 1, Instant.now());
        new EventLog(new JdbcTemplate(database.dataSource()))
                .append(
                        List.of(
                                new EventLog.Entry(
                                        id,
                                        "default",
                                        1,
                                        Instant.now(),
                                        0,
                                        new JobEvent.Queued(1))));
        JobTotals.Totals before = totals.read();
        assertThat(delete(id)).isTrue();
        assertThat(delete(id)).as("once").isFalse();
        for (String table : List.of("checkpoint", "job_event", "job_file")) {
            assertThat(count(table)).as(table).isZero();
        }
        JobTotals.Totals after = totals.read();
        assertThat(after.byState()).isEqualTo(before.byState());
        assertThat(after.latencyMs())
                .isCloseTo(before.latencyMs(), org.assertj.core.data.Offset.offset(1.0));
    }

    @Test
    void latenciesOfMillisecondsAndOfMonthsAddUp() {
        JobTotals.Totals before = totals.read();
        lasting(finished(JobState.SUCCEEDED), Duration.ofMillis(250));
        lasting(finished(JobState.FAILED), Duration.ofDays(200).plusMillis(1));
        lasting(finished(JobState.CANCELLED), Duration.ofHours(5));
        TestJobs.admit(jobs);
        assertThat(totals.read().latencyMs() - before.latencyMs())
                .as("of those that succeeded or failed")
                .isCloseTo(200 * 86_400_000.0 + 251, org.assertj.core.data.Offset.offset(0.5));
    }

    @Test
    void whatHasNotEndedIsNotDeleted() {
        UUID waiting = TestJobs.admit(jobs);
        UUID running = TestJobs.admit(jobs);
        jobs.claim(List.of(running), UUID.randomUUID());
        assertThat(delete(waiting)).isFalse();
        assertThat(delete(running)).isFalse();
        assertThat(delete(UUID.randomUUID())).isFalse();
        assertThat(count("job")).isEqualTo(2);
    }

    @Test
    void ofManyWhoDeleteAtOnceEachJobIsCountedOnce() throws Exception {
        JobTotals.Totals before = totals.read();
        List<UUID> ids = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            ids.add(finished(i % 2 == 0 ? JobState.SUCCEEDED : JobState.FAILED));
            put(ids.getLast(), "main.py", "the same");
        }
        List<Future<Boolean>> done = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            for (UUID id : i == 1 ? ids.reversed() : ids) {
                done.add(other.submit(() -> delete(id)));
            }
        }
        int deleted = 0;
        for (Future<Boolean> one : done) {
            deleted += one.get() ? 1 : 0;
        }
        assertThat(deleted).isEqualTo(ids.size());
        assertThat(totals.read().admitted()).isEqualTo(before.admitted() + ids.size());
    }

    @Test
    void onlyWhatFinishedLongAgoHasExpiredTheOldestFirst() {
        List<UUID> old = new ArrayList<>();
        for (JobState state : List.of(JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)) {
            old.add(finished(state));
        }
        old.forEach(id -> age(id, 2));
        UUID recent = finished(JobState.SUCCEEDED);
        UUID running = TestJobs.admit(jobs);
        jobs.claim(List.of(running), UUID.randomUUID());
        assertThat(finished.expired(DAY, 10)).isEmpty(); // their ids say they were made just now
        List<UUID> aged = old.stream().map(this::withOldId).toList();
        assertThat(finished.expired(DAY, 10))
                .containsExactlyElementsOf(aged.stream().sorted().toList());
        assertThat(finished.expired(DAY, 2)).hasSize(2);
        assertThat(finished.expired(Duration.ofDays(3), 10)).isEmpty();
        assertThat(jobs.find(recent)).isPresent();
    }

    @Test
    void aContentGoesWhenTheLastJobThatHasItIsDeleted() {
        UUID one = finished(JobState.SUCCEEDED);
        UUID two = finished(JobState.SUCCEEDED);
        put(one, "a.py", "shared");
        put(two, "b.py", "shared");
        put(two, "c.py", "its own");
        files.put(
                "other",
                finished(JobState.FAILED),
                Role.WORKSPACE,
                file("a", "shared"),
                Origin.RUN);
        delete(one);
        assertThat(sweep()).as("another job has it").isZero();
        assertThat(count("blob_released")).isZero();
        delete(two);
        assertThat(contents.released(FileContents.UNTOUCHED, 10)).as("too soon").isEmpty();
        assertThat(sweep()).isEqualTo(2);
        assertThat(count("blob_content")).as("another tenant's").isEqualTo(1);
        assertThat(count("blob_released")).isZero();
    }

    @Test
    void aContentThatWasWrittenOverGoesToo() {
        UUID id = finished(JobState.SUCCEEDED);
        put(id, "main.py", "first");
        put(id, "main.py", "second");
        assertThat(sweep()).isEqualTo(1);
        assertThat(files.read(id, Role.WORKSPACE)).containsExactly(file("main.py", "second"));
        put(id, "main.py", "second");
        assertThat(sweep()).as("the same content again").isZero();
        assertThat(files.read(id, Role.WORKSPACE)).containsExactly(file("main.py", "second"));
    }

    @Test
    void aContentThatIsReferredToWhileItIsSweptStays() throws Exception {
        releasedContent("late");
        UUID id = finished(JobState.SUCCEEDED);
        Future<Integer> sweep =
                transactions.execute(_ -> {
                    put(id, "main.py", "late");
                    Future<Integer> waiting = other.submit(this::sweep);
                    assertThatThrownBy(() -> waiting.get(300, TimeUnit.MILLISECONDS))
                            .isInstanceOf(TimeoutException.class);
                    return waiting;
                });
        assertThat(sweep.get()).isZero();
        assertThat(files.read(id, Role.WORKSPACE)).containsExactly(file("main.py", "late"));
    }

    @Test
    void aContentThatIsSweptWhileItIsReferredToIsWrittenAnew() throws Exception {
        releasedContent("gone");
        UUID id = finished(JobState.SUCCEEDED);
        Future<?> put =
                transactions.execute(_ -> {
                    assertThat(sweepInOne()).isEqualTo(1);
                    Future<?> waiting =
                            other.submit(() ->
                                    transactions.executeWithoutResult(
                                            _ -> put(id, "main.py", "gone")));
                    assertThatThrownBy(() -> waiting.get(300, TimeUnit.MILLISECONDS))
                            .isInstanceOf(TimeoutException.class);
                    return waiting;
                });
        put.get();
        assertThat(files.read(id, Role.WORKSPACE)).containsExactly(file("main.py", "gone"));
    }

    @Test
    void twoMayWriteTheSameNewContentAtOnce() throws Exception {
        UUID one = finished(JobState.SUCCEEDED);
        UUID two = finished(JobState.SUCCEEDED);
        Future<?> second =
                transactions.execute(_ -> {
                    put(one, "main.py", "new");
                    Future<?> waiting =
                            other.submit(() ->
                                    transactions.executeWithoutResult(
                                            _ -> put(two, "main.py", "new")));
                    assertThatThrownBy(() -> waiting.get(300, TimeUnit.MILLISECONDS))
                            .isInstanceOf(TimeoutException.class);
                    return waiting;
                });
        second.get();
        assertThat(files.read(two, Role.WORKSPACE)).containsExactly(file("main.py", "new"));
        assertThat(count("blob_content")).isEqualTo(1);
    }

    @Test
    void whatTheCallerGaveIsKeptAsideWhenTheJobWritesOverIt() {
        UUID old = finished(JobState.FAILED);
        files.put("default", old, Role.WORKSPACE, file("main.py", "given"), Origin.INPUT);
        files.put("default", old, Role.WORKSPACE, file("data", "given too"), Origin.INPUT);
        files.put("default", old, Role.VERIFY, file("test.py", "mine"), Origin.INPUT);
        put(old, "main.py", "written");
        put(old, "main.py", "written again");
        put(old, "more.py", "more");
        UUID all = TestJobs.admit(jobs);
        files.copyAll(old, all);
        assertThat(files.list(all, Role.WORKSPACE)).isEqualTo(files.list(old, Role.WORKSPACE));
        assertThat(files.list(all, Role.WORKSPACE))
                .extracting(FileStore.Entry::path)
                .containsExactly("data", "main.py", "more.py");
        UUID given = TestJobs.admit(jobs);
        files.copyGiven(all, given);
        assertThat(files.read(given, Role.WORKSPACE))
                .containsExactly(file("data", "given too"), file("main.py", "given"));
        assertThat(files.list(given, Role.VERIFY)).hasSize(1);
        assertThat(files.list(given, Role.REPLACED)).isEmpty();
        assertThat(sweep()).as("`written`").isEqualTo(1);
    }

    @Test
    void whatTheModelWroteInARoundIsKeptAsLongAsTheJob() {
        UUID old = finished(JobState.FAILED);
        files.put("default", old, Role.WORKSPACE, file("main.py", "given"), Origin.INPUT);
        files.put("default", old, Role.WORKSPACE, file("data", "given too"), Origin.INPUT);
        files.putWritten("default", old, 0, file("main.py", "first"));
        files.putWritten("default", old, 0, file("more.py", "more"));
        files.putWritten("default", old, 2, file("main.py", "second"));
        assertThat(sweep()).isZero();
        UUID copy = TestJobs.admit(jobs);
        files.copyAll(old, copy);
        for (UUID id : List.of(old, copy)) {
            assertThat(after(id, 0))
                    .isEqualTo(Map.of("main.py", "first", "data", "given too", "more.py", "more"));
            assertThat(after(id, 2))
                    .isEqualTo(Map.of("main.py", "second", "data", "given too", "more.py", "more"));
            assertThat(files.listAfter(id, 1)).isEmpty();
            assertThat(files.listAfter(id, 3)).isEmpty();
        }
        assertThat(files.read(old, Role.WORKSPACE)).hasSize(3).contains(file("main.py", "second"));
        jdbc.sql("delete from job where id = :id").param("id", copy).update();
        delete(old);
        assertThat(sweep()).as("all, also what was written over").isEqualTo(5);
        assertThat(count("blob_content")).isZero();
    }

    private Map<String, String> after(UUID job, int round) {
        return files.listAfter(job, round).orElseThrow().stream()
                .collect(
                        Collectors.toMap(
                                FileStore.Entry::path,
                                entry ->
                                        new String(
                                                files.read(job, entry).orElseThrow(),
                                                StandardCharsets.UTF_8)));
    }

    @Test
    void aJobThatIsHeldIsDeletedOnlyAfterItsFilesWereCopied() throws Exception {
        UUID old = finished(JobState.FAILED);
        put(old, "main.py", "kept");
        UUID made = TestJobs.admit(jobs);
        Future<Boolean> deleted =
                transactions.execute(_ -> {
                    assertThat(finished.hold(old)).isTrue();
                    Future<Boolean> waiting = other.submit(() -> delete(old));
                    assertThatThrownBy(() -> waiting.get(300, TimeUnit.MILLISECONDS))
                            .isInstanceOf(TimeoutException.class);
                    files.copyAll(old, made);
                    return waiting;
                });
        assertThat(deleted.get()).isTrue();
        assertThat(sweep()).isZero();
        assertThat(files.read(made, Role.WORKSPACE)).containsExactly(file("main.py", "kept"));
        assertThat(transactions.<Boolean>execute(_ -> finished.hold(old))).isFalse();
    }

    @Test
    void aCopiedRoundCostsNothingAndHasNoRunsOfItsOwn() {
        CheckpointStore checkpoints = new CheckpointStore(jdbc);
        UUID old = finished(JobState.FAILED);
        Instant at = Instant.parse("2026-01-02T03:04:05.678Z");
        checkpoints.begin(jobs.find(old).orElseThrow(), StageName.SPEC, 0, 7, at);
        checkpoints.end(
                old,
                StageName.SPEC,
                0,
                StageStatus.SUCCEEDED,
                at,
                "text",
                "m",
                "p",
                new Usage(1, 2, 3.0, true));
        UUID made = TestJobs.admit(jobs);
        checkpoints.copy(old, made, StageName.SPEC, 0);
        checkpoints.copy(old, made, StageName.CODE, 0);
        assertThat(checkpoints.of(made))
                .containsExactly(
                        new Checkpoint(
                                made,
                                "default",
                                StageName.SPEC,
                                0,
                                StageStatus.SUCCEEDED,
                                0,
                                0,
                                at,
                                at,
                                7,
                                "text",
                                "m",
                                "p",
                                Usage.NONE));
    }

    private UUID finished(JobState state) {
        UUID id = TestJobs.admit(jobs);
        assertThat(jobs.claim(List.of(id), UUID.randomUUID())).hasSize(1);
        assertThat(jobs.finish(id, 1, 2, 3, state, null)).isTrue();
        return id;
    }

    private void age(UUID id, int days) {
        jdbc.sql(
                        "update job set finished_at = finished_at - cast(? as bigint) * interval '1' day where id = ?")
                .param(days)
                .param(id)
                .update();
    }

    private void lasting(UUID id, Duration latency) {
        jdbc.sql(
                        "update job set finished_at = created_at + cast(? as bigint) * interval '0.001' second where id = ?")
                .param(latency.toMillis())
                .param(id)
                .update();
    }

    /// As if it had been admitted ten days ago.
    private UUID withOldId(UUID id) {
        UUID old =
                new UUID(
                        id.getMostSignificantBits() - (DAY.toMillis() * 10 << 16),
                        id.getLeastSignificantBits());
        TestJobs.rename(jdbc, id, old);
        return old;
    }

    /// A content nobody refers to, long enough for the sweep.
    private void releasedContent(String text) {
        UUID id = finished(JobState.SUCCEEDED);
        put(id, "x", text);
        delete(id);
        ageReleases();
    }

    private void ageReleases() {
        jdbc.sql("update blob_released set released_at = released_at - interval '2' hour").update();
    }

    private int sweep() {
        ageReleases();
        int swept = 0;
        for (FileContents.Released one : contents.released(FileContents.UNTOUCHED, 100)) {
            swept += Boolean.TRUE.equals(transactions.execute(_ -> contents.sweep(one))) ? 1 : 0;
        }
        return swept;
    }

    /// In the caller's transaction.
    private int sweepInOne() {
        int swept = 0;
        for (FileContents.Released one : contents.released(FileContents.UNTOUCHED, 100)) {
            swept += contents.sweep(one) ? 1 : 0;
        }
        return swept;
    }

    private boolean delete(UUID id) {
        return Boolean.TRUE.equals(transactions.execute(_ -> finished.delete(id)));
    }

    private void put(UUID id, String path, String text) {
        files.put("default", id, Role.WORKSPACE, file(path, text), Origin.MODEL);
    }

    private static SourceFile file(String path, String text) {
        return SourceFile.of(path, text);
    }

    private int count(String table) {
        return jdbc.sql("select count(*) from " + table).query(Integer.class).single();
    }
}
