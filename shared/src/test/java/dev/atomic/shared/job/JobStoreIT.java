package dev.atomic.shared.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.db.TestDatabase;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.queue.H2Signals;
import dev.atomic.shared.queue.Signals;
import dev.atomic.shared.queue.Signals.Channel;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;

class JobStoreIT {
    private static TestDatabase database;
    private static JdbcClient jdbc;
    private static JobStore jobs;
    private static StrandedJobs stranded;

    private final JobId ids = new JobId(Clock.systemUTC());
    private final UUID worker = UUID.randomUUID();

    @BeforeAll
    static void start() throws Exception {
        database = TestDatabase.h2();
        jdbc = JdbcClient.create(database.dataSource());
        jobs = new JobStore(jdbc);
        stranded = new StrandedJobs(jdbc);
    }

    @AfterAll
    static void stop() {
        database.close();
    }

    @Test
    void aClaimIsHadOnceAndRaisesFenceAttemptAndSeq() {
        UUID id = admit();
        assertThat(jobs.claim(id, 0, worker)).isTrue();
        assertThat(jobs.claim(id, 0, worker)).isFalse();
        Job job = jobs.find(id).orElseThrow();
        assertThat(job.state()).isEqualTo(JobState.RUNNING);
        assertThat(job.fence()).isEqualTo(1);
        assertThat(job.attempt()).isEqualTo(1);
        assertThat(job.lastSeq()).isEqualTo(2);
        assertThat(Duration.between(job.startedAt(), job.deadlineAt())).hasSeconds(900);
    }

    @Test
    void aFencedOffWorkerWritesNothing() {
        UUID id = admit();
        jobs.claim(id, 0, worker);
        assertThat(jobs.putBack(id, 1, 2, 3, Duration.ZERO, false, true)).isTrue();
        assertThat(jobs.advance(id, 1, 3, 4)).isFalse();
        assertThat(jobs.finish(id, 1, 3, 4, JobState.SUCCEEDED, null)).isFalse();
        Job job = jobs.find(id).orElseThrow();
        assertThat(job.losses()).isEqualTo(1);
        assertThat(job.fence()).isEqualTo(2);
    }

    @Test
    void aLostJobIsDeliveredAgainAndUsesUpNoAttempt() {
        UUID id = admit();
        jobs.claim(id, 0, worker);
        jobs.putBack(id, 1, 2, 3, Duration.ZERO, false, true);
        assertThat(jobs.claim(id, 2, worker)).as("not delivered yet").isFalse();
        assertThat(stranded.takeDue(100)).contains(new JobStore.Due(id, 2));
        assertThat(jobs.claim(id, 2, worker)).isTrue();
        assertThat(jobs.find(id).orElseThrow().attempt()).isEqualTo(1);
    }

    @Test
    void aJobThatIsToBeCancelledEndsInNoOtherWay() {
        UUID id = admit();
        jobs.claim(id, 0, worker);
        assertThat(jobs.requestCancel(id)).isTrue();
        assertThat(jobs.toBeCancelled(worker)).contains(id);
        assertThat(jobs.finish(id, 1, 2, 3, JobState.SUCCEEDED, null)).isFalse();
        assertThat(jobs.finish(id, 1, 2, 3, JobState.CANCELLED, null)).isTrue();
    }

    @Test
    void aRetryWaitsForItsDueTime() {
        UUID id = admit();
        jobs.claim(id, 0, worker);
        jobs.putBack(id, 1, 2, 3, Duration.ofMinutes(1), true, false);
        assertThat(stranded.takeDue(100)).doesNotContain(new JobStore.Due(id, 2));
    }

    @Test
    void jobsOfASilentWorkerAreOrphans() {
        UUID id = admit();
        jobs.claim(id, 0, worker);
        assertThat(stranded.orphans(Duration.ofSeconds(5), 100)).extracting(Job::id).contains(id);
        WorkerRegistry workers = new WorkerRegistry(jdbc);
        workers.beat(new WorkerRegistry.Beat(worker, "w", "h", 1, 10, 1, true, false));
        assertThat(stranded.orphans(Duration.ofSeconds(5), 100))
                .extracting(Job::id)
                .doesNotContain(id);
        WorkerRegistry.Summary summary = workers.summary(Duration.ofSeconds(5));
        assertThat(summary.agentUp()).isTrue();
        assertThat(summary.engineUp()).isFalse();
    }

    @Test
    void eventsFilesAndCheckpointsComeBackAsTheyWent() {
        UUID id = admit();
        EventLog log = new EventLog(new JdbcTemplate(database.dataSource()));
        Instant now = Instant.parse("2026-01-02T03:04:05.678Z");
        JobEvent event = new JobEvent.Chunk(StageName.CODE, 0, "é\n\"x\"", 3);
        log.append(List.of(new EventLog.Entry(id, "default", 1, now, 1, event)));
        assertThat(log.read(id, 0, 10).getFirst().wire())
                .isEqualTo(
                        "{\"seq\":1,\"type\":\"chunk\",\"job_id\":\""
                                + id
                                + "\",\"at\":\"2026-01-02T03:04:05.678Z\","
                                + "\"attempt\":1,\"stage\":\"code\",\"round\":0,\"delta\":\"é\\n\\\"x\\\"\",\"chunk_index\":3}");

        FileStore files = new FileStore(jdbc);
        SourceFile file = SourceFile.of("a/b.py", "print(1)");
        files.put("default", id, FileStore.Role.WORKSPACE, file, Origin.MODEL);
        files.put("default", id, FileStore.Role.WORKSPACE, file, Origin.MODEL);
        assertThat(files.read(id, FileStore.Role.WORKSPACE)).containsExactly(file);
        assertThat(files.list(id, FileStore.Role.WORKSPACE)).hasSize(1);

        CheckpointStore checkpoints = new CheckpointStore(jdbc);
        Job job = jobs.find(id).orElseThrow();
        checkpoints.begin(job, StageName.CODE, 0, now);
        checkpoints.begin(job, StageName.CODE, 0, now);
        checkpoints.end(
                id,
                StageName.CODE,
                0,
                StageStatus.SUCCEEDED,
                now,
                "out",
                "m",
                "p",
                new Usage(1, 2, 0.5, true));
        Checkpoint checkpoint = checkpoints.of(id).getFirst();
        assertThat(checkpoint.runs()).isEqualTo(2);
        assertThat(checkpoint.output()).isEqualTo("out");
        assertThat(checkpoint.usage()).isEqualTo(new Usage(1, 2, 0.5, true));
    }

    @Test
    void aSignalReachesWhoListens() throws Exception {
        var heard = new LinkedBlockingQueue<Signals.Signal>();
        try (H2Signals signals = new H2Signals(database.dataSource(), database.dataSource())) {
            signals.listen(Channel.WORK, heard::add);
            assertThat(heard.poll(5, TimeUnit.SECONDS).everything()).isTrue();
            UUID id = UUID.randomUUID();
            signals.raise(Channel.WORK, Set.of(id));
            assertThat(heard.poll(5, TimeUnit.SECONDS).jobs()).containsExactly(id);
        }
    }

    private UUID admit() {
        UUID id = ids.next();
        jobs.insert(
                new JobStore.NewJob(
                        id,
                        "default",
                        "trace",
                        Kind.GENERATE,
                        Priority.NORMAL,
                        input(),
                        4,
                        null,
                        null,
                        Instant.now()));
        assertThat(jobs.find("default", id).orElseThrow().input()).isEqualTo(input());
        assertThat(jobs.find("other", id)).isEmpty();
        return id;
    }

    private static JobInput input() {
        return new JobInput(
                "prompt",
                "python",
                null,
                Map.of("a", List.of(1, "x")),
                List.of(StageName.values()),
                VerifyPolicy.REQUIRED,
                null,
                null,
                null,
                null,
                2,
                900,
                new JobInput.Run(
                        VerifyKind.AUTO,
                        List.of(),
                        List.of(),
                        "",
                        new Limits(512, 1000, 60, 128),
                        List.of()));
    }
}
