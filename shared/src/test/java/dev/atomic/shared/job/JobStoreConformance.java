package dev.atomic.shared.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.db.TestDatabase;
import dev.atomic.shared.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// What the `job` table promises, whatever the database.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
abstract class JobStoreConformance {
    private static final Duration SILENCE = Duration.ofSeconds(5);
    private static final WorkerRegistry.Question ALONE =
            new WorkerRegistry.Question(SILENCE, false, false);
    private static final Comparator<UUID> BY_TEXT = Comparator.comparing(UUID::toString);

    private final Callable<TestDatabase> open;
    private final UUID worker = UUID.randomUUID();
    private TestDatabase database;
    private DataSource source;
    private JdbcClient jdbc;
    private JobStore jobs;
    private StrandedJobs stranded;

    JobStoreConformance(Callable<TestDatabase> open) {
        this.open = open;
    }

    @BeforeAll
    void start() throws Exception {
        database = open.call();
        source = database.dataSource();
        jdbc = JdbcClient.create(source);
        jobs = new JobStore(jdbc, database.dialect());
        stranded = new StrandedJobs(jdbc);
    }

    @AfterAll
    void stop() {
        database.close();
    }

    @Test
    void aJobIsItsTenantsAndComesBackAsItWent() {
        UUID id = admit();
        assertThat(jobs.find("default", id).orElseThrow().asked().input())
                .isEqualTo(TestJobs.input());
        assertThat(jobs.find("other", id)).isEmpty();
        assertThat(jobs.find(UUID.randomUUID())).isEmpty();
    }

    @Test
    void aJobsHeadIsItsRowWithoutWhatWasAsked() {
        UUID id = admit();
        Job job = jobs.find(id).orElseThrow();
        JobHead head =
                new JobHead(id, job.tenantId(), job.course(), job.times().createdAt(), false);
        assertThat(jobs.head("default", id)).contains(head);
        assertThat(jobs.head(id)).contains(head);
        assertThat(jobs.head("other", id)).isEmpty();
    }

    @Test
    void whatWasAskedIsReadOnlyIfItIsShort() {
        UUID id = admit();
        JobStore.ShortRun whole = jobs.run(id, 10_000).orElseThrow();
        assertThat(whole.run()).isEqualTo(TestJobs.run());
        assertThat(whole.bytes()).isEqualTo(Json.write(TestJobs.run()).length());
        JobStore.ShortRun tooLong = jobs.run(id, (int) whole.bytes() - 1).orElseThrow();
        assertThat(tooLong).isEqualTo(new JobStore.ShortRun(whole.bytes(), null));
        assertThat(jobs.run(UUID.randomUUID(), 10_000)).isEmpty();
    }

    @Test
    void aClaimIsHadOnceAndRaisesFenceAttemptAndSeq() {
        UUID id = admit();
        assertThat(jobs.claim(List.of(id), worker)).hasSize(1);
        assertThat(jobs.claim(List.of(id), worker)).isEmpty();
        Job job = job(id);
        assertThat(job.course().state()).isEqualTo(JobState.RUNNING);
        assertThat(job.course().fence()).isEqualTo(1);
        assertThat(job.course().attempt()).isEqualTo(1);
        assertThat(job.course().lastSeq()).isEqualTo(2);
        assertThat(Duration.between(job.times().startedAt(), job.times().deadlineAt()))
                .hasSeconds(900);
    }

    @Test
    void ofManyWhoClaimAtOnceOneHasIt() throws Exception {
        UUID id = admit();
        List<Integer> had = new ArrayList<>();
        for (Future<List<JobStore.Claimed>> claim :
                atOnce(8, () -> jobs.claim(List.of(id), UUID.randomUUID()))) {
            had.add(claim.get().size());
        }
        assertThat(had).containsOnlyOnce(1);
        assertThat(job(id).course().fence()).isEqualTo(1);
    }

    @Test
    void aFencedOffWorkerWritesNothing() {
        UUID id = running();
        assertThat(jobs.putBack(id, 1, 2, 3, Duration.ZERO, false, true)).isTrue();
        assertThat(jobs.advance(id, 1, 3, 4)).isFalse();
        assertThat(jobs.finish(id, 1, 3, 4, JobState.SUCCEEDED, null)).isFalse();
        assertThat(jobs.putBack(id, 1, 3, 4, Duration.ZERO, false, false)).isFalse();
        Job job = job(id);
        assertThat(job.course().losses()).isEqualTo(1);
        assertThat(job.course().fence()).isEqualTo(2);
        assertThat(job.course().lastSeq()).isEqualTo(3);
    }

    @Test
    void aWriteIsNotDoneTwice() {
        UUID id = running();
        assertThat(jobs.advance(id, 1, 2, 5)).isTrue();
        assertThat(jobs.advance(id, 1, 2, 5)).isFalse();
        assertThat(job(id).course().lastSeq()).isEqualTo(5);
    }

    @Test
    void aLostJobIsDeliveredAgainAndUsesUpNoAttempt() {
        UUID id = running();
        jobs.putBack(id, 1, 2, 3, Duration.ZERO, false, true);
        assertThat(jobs.claim(List.of(id), worker)).as("not delivered yet").isEmpty();
        assertThat(stranded.takeDue(100)).contains(new JobStore.Due(id, 2));
        assertThat(jobs.claim(List.of(id), worker)).hasSize(1);
        assertThat(job(id).course().attempt()).isEqualTo(1);
    }

    @Test
    void aRetryUsesUpAnAttemptAndKeepsItsDeadline() {
        UUID id = running();
        Job before = job(id);
        jobs.putBack(id, 1, 2, 3, Duration.ZERO, true, false);
        stranded.takeDue(100);
        assertThat(jobs.claim(List.of(id), worker)).hasSize(1);
        assertThat(job(id).course().attempt()).isEqualTo(2);
        assertThat(job(id).times().startedAt()).isEqualTo(before.times().startedAt());
        assertThat(job(id).times().deadlineAt()).isEqualTo(before.times().deadlineAt());
    }

    @Test
    void aRetryWaitsForItsDueTime() {
        UUID id = running();
        jobs.putBack(id, 1, 2, 3, Duration.ofMinutes(1), true, false);
        assertThat(stranded.takeDue(100)).doesNotContain(new JobStore.Due(id, 2));
        makeDue(id);
        assertThat(stranded.takeDue(100)).contains(new JobStore.Due(id, 2));
    }

    @Test
    void twoWhoDeliverWhatIsDueNeverDeliverItTwice() throws Exception {
        Set<UUID> all = new HashSet<>();
        for (int i = 0; i < 40; i++) {
            UUID id = running();
            jobs.putBack(id, 1, 2, 3, Duration.ZERO, false, false);
            all.add(id);
        }
        var mine = new StrandedJobs(JdbcClient.create(source));
        var transactions = new TransactionTemplate(new JdbcTransactionManager(source));
        List<UUID> taken = new ArrayList<>();
        for (Future<List<JobStore.Due>> one :
                atOnce(4, () -> transactions.execute(_ -> mine.takeDue(100)))) {
            one.get().forEach(due -> taken.add(due.id()));
        }
        assertThat(taken).containsAll(all).doesNotHaveDuplicates();
    }

    @Test
    void aJobThatIsToBeCancelledEndsInNoOtherWay() {
        UUID id = running();
        assertThat(jobs.requestCancel(id)).isTrue();
        assertThat(job(id).course().cancelRequested()).isTrue();
        assertThat(jobs.finish(id, 1, 2, 3, JobState.SUCCEEDED, null)).isFalse();
        assertThat(jobs.finish(id, 1, 2, 3, JobState.FAILED, null)).isFalse();
        assertThat(jobs.putBack(id, 1, 2, 3, Duration.ZERO, false, true)).isFalse();
        assertThat(jobs.advance(id, 1, 2, 3)).as("its log still goes on").isTrue();
        assertThat(jobs.finish(id, 1, 3, 4, JobState.CANCELLED, null)).isTrue();
        assertThat(job(id).course().state()).isEqualTo(JobState.CANCELLED);
    }

    @Test
    void aWaitingJobIsCancelledAtOnceAndItsDeliveryIsVoid() {
        UUID id = admit();
        assertThat(jobs.requestCancel(id)).isFalse();
        assertThat(jobs.withdraw(id, 0, 1, 2)).isTrue();
        assertThat(jobs.claim(List.of(id), worker)).isEmpty();
        Job job = job(id);
        assertThat(job.course().state()).isEqualTo(JobState.CANCELLED);
        assertThat(job.course().lastSeq()).isEqualTo(2);
        assertThat(job.times().finishedAt()).isNotNull();
    }

    @ParameterizedTest
    @EnumSource(names = {"SUCCEEDED", "FAILED", "CANCELLED"})
    void aFinishedJobNeverChangesAgain(JobState end) {
        UUID id = running();
        Failure failure =
                end == JobState.FAILED
                        ? new Failure(FailureCode.INTERNAL, "x", StageName.CODE, false)
                        : null;
        assertThat(jobs.finish(id, 1, 2, 3, end, failure)).isTrue();
        Job ended = job(id);
        assertThat(ended.result().error()).isEqualTo(failure);
        assertThat(jobs.claim(List.of(id), worker)).isEmpty();
        assertThat(jobs.advance(id, 1, 3, 4)).isFalse();
        assertThat(jobs.finish(id, 1, 3, 4, JobState.SUCCEEDED, null)).isFalse();
        assertThat(jobs.putBack(id, 1, 3, 4, Duration.ZERO, false, true)).isFalse();
        assertThat(jobs.withdraw(id, 1, 3, 4)).isFalse();
        assertThat(jobs.requestCancel(id)).isFalse();
        assertThat(stranded.redeliver(new JobStore.Due(id, 1))).isFalse();
        assertThat(job(id))
                .usingRecursiveComparison()
                .ignoringFields("times.readAt")
                .isEqualTo(ended);
    }

    @Test
    void aFailureFitsHoweverMuchAProviderSays() {
        UUID id = running();
        String said = "\u0000\"\n\ud83d\ude42".repeat(100_000);
        Failure failure = new Failure(FailureCode.INTERNAL, said, StageName.CODE, false);
        assertThat(jobs.finish(id, 1, 2, 3, JobState.FAILED, failure)).isTrue();
        assertThat(job(id).result().error()).isEqualTo(failure);
        assertThat(failure.message()).hasSizeLessThan(2_100).startsWith("\ufffd\"\n\ud83d\ude42");
    }

    @Test
    void jobsOfASilentWorkerAreOrphans() {
        UUID id = running();
        WorkerRegistry workers = new WorkerRegistry(jdbc, database.dialect());
        UUID asker = UUID.randomUUID();
        workers.beat(new WorkerRegistry.Beat(asker, "a", "h", 1, 0, 0, false, false), ALONE);
        assertThat(stranded.orphans(asker, SILENCE, 1_000)).extracting(JobHead::id).contains(id);
        workers.beat(new WorkerRegistry.Beat(worker, "w", "h", 1, 10, 1, true, false), ALONE);
        workers.beat(new WorkerRegistry.Beat(worker, "w", "h", 1, 10, 1, true, false), ALONE);
        assertThat(stranded.orphans(asker, SILENCE, 1_000))
                .extracting(JobHead::id)
                .doesNotContain(id);
        workers.remove(asker);
        WorkerRegistry.Summary summary = workers.summary(SILENCE);
        assertThat(summary).isEqualTo(new WorkerRegistry.Summary(1, 10, 1, true, false));
        jdbc.sql("update worker set beat_at = beat_at - interval '6' second").update();
        assertThat(stranded.orphans(asker, SILENCE, 1_000))
                .as("the asker isn't known to live itself")
                .isEmpty();
        workers.beat(new WorkerRegistry.Beat(asker, "a", "h", 1, 0, 0, false, false), ALONE);
        assertThat(stranded.orphans(asker, SILENCE, 1_000)).extracting(JobHead::id).contains(id);
        workers.remove(asker);
        assertThat(workers.summary(SILENCE).alive()).isZero();
        workers.removeSilent(SILENCE);
        assertThat(jdbc.sql("select count(*) from worker").query(Integer.class).single()).isZero();
    }

    @Test
    void aBeatTellsHowLongAgoTheLastOneWas() {
        WorkerRegistry workers = new WorkerRegistry(jdbc, database.dialect());
        WorkerRegistry.Beat beat =
                new WorkerRegistry.Beat(UUID.randomUUID(), "w", "h", 1, 10, 1, true, false);
        assertThat(workers.beat(beat, ALONE).since()).as("its first").isZero();
        jdbc.sql("update worker set beat_at = beat_at - interval '20' second where id = ?")
                .param(beat.id())
                .update();
        assertThat(workers.beat(beat, ALONE).since())
                .isBetween(Duration.ofSeconds(19), Duration.ofSeconds(30));
        assertThat(workers.beat(beat, ALONE).since()).isLessThan(Duration.ofSeconds(10));
        workers.remove(beat.id());
    }

    @Test
    void aBeatTellsAllThatAWorkerMustKnow() {
        WorkerRegistry workers = new WorkerRegistry(jdbc, database.dialect());
        var one = new WorkerRegistry.Beat(worker, "w", "h", 1, 10, 1, true, false);
        var other = new WorkerRegistry.Beat(UUID.randomUUID(), "o", "h", 1, 10, 1, true, false);
        var everything = new WorkerRegistry.Question(SILENCE, true, true);
        jdbc.sql("delete from worker").update();
        jdbc.sql("delete from job").update();
        jdbc.sql("update maintenance_turn set due_at = current_timestamp + interval '1' hour")
                .update();
        workers.beat(one, ALONE);
        workers.beat(other, ALONE);
        assertThat(workers.beat(one, ALONE))
                .usingRecursiveComparison()
                .ignoringFields("since")
                .isEqualTo(
                        new WorkerRegistry.Heard(
                                Duration.ZERO,
                                List.of(),
                                List.of(),
                                Set.of(),
                                false,
                                false,
                                false));
        jdbc.sql("update maintenance_turn set due_at = current_timestamp - interval '1' second")
                .update();
        WorkerRegistry.Heard heard = workers.beat(one, everything);
        assertThat(heard.alive())
                .containsExactlyElementsOf(Stream.of(worker, other.id()).sorted(BY_TEXT).toList());
        assertThat(heard.turns()).contains("cleaning", "retention").doesNotContain("recovery");
        UUID cancelled = running();
        jobs.requestCancel(cancelled);
        UUID id = running();
        admit();
        heard = workers.beat(one, everything);
        assertThat(heard.running())
                .containsExactlyInAnyOrder(
                        new JobStore.Running(cancelled, 1, true),
                        new JobStore.Running(id, 1, false));
        assertThat(heard.waiting()).isTrue();
        assertThat(heard.due()).isFalse();
        jobs.putBack(id, 1, 2, 3, Duration.ZERO, false, true);
        heard = workers.beat(one, everything);
        assertThat(heard.running()).extracting(JobStore.Running::id).containsExactly(cancelled);
        assertThat(heard.due()).isTrue();
        assertThat(heard.lost()).isFalse();
        UUID left = running();
        jdbc.sql("update worker set beat_at = beat_at - interval '1' minute where id = ?")
                .param(worker)
                .update();
        assertThat(workers.beat(other, ALONE).lost()).as("may not judge").isFalse();
        due("recovery");
        assertThat(workers.beat(other, everything).lost()).isTrue();
        assertThat(stranded.orphans(other.id(), SILENCE, 10))
                .extracting(JobHead::id)
                .contains(left);
        workers.remove(worker);
        workers.remove(other.id());
    }

    private void due(String turn) {
        jdbc.sql(
                        "update maintenance_turn set due_at = current_timestamp - interval '1' second where name = ?")
                .param(turn)
                .update();
    }

    @Test
    void aVoidDeliveryIsMadeAgainUnderAnotherFence() {
        UUID id = admit();
        JobStore.Due void0 = new JobStore.Due(id, 0);
        assertThat(stranded.redeliver(void0)).isTrue();
        assertThat(stranded.redeliver(void0)).isFalse();
        assertThat(jobs.claim(List.of(id), worker)).as("the void one").isEmpty();
        assertThat(stranded.takeDue(1_000)).contains(new JobStore.Due(id, 1));
        assertThat(jobs.claim(List.of(id), worker)).hasSize(1);
        assertThat(job(id).course().attempt()).isEqualTo(1);
        assertThat(job(id).course().losses()).isZero();
    }

    private UUID admit() {
        return TestJobs.admit(jobs);
    }

    private UUID running() {
        UUID id = admit();
        assertThat(jobs.claim(List.of(id), worker)).hasSize(1);
        return id;
    }

    private Job job(UUID id) {
        return jobs.find(id).orElseThrow();
    }

    private void makeDue(UUID id) {
        jdbc.sql("update job set due_at = current_timestamp where id = ?").param(id).update();
    }

    private static <T> List<Future<T>> atOnce(int threads, Callable<T> work) throws Exception {
        try (var pool = Executors.newFixedThreadPool(threads)) {
            List<Callable<T>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                all.add(work);
            }
            return pool.invokeAll(all);
        }
    }
}
