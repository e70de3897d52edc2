package dev.atomic.shared.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.db.TestDatabase;
import dev.atomic.shared.Json;
import dev.atomic.shared.checkpoint.Checkpoint;
import dev.atomic.shared.checkpoint.CheckpointStore;
import dev.atomic.shared.checkpoint.StageStatus;
import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.checkpoint.UsageStore;
import dev.atomic.shared.checkpoint.UsageStore.Paid;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.event.LoggedEvent;
import dev.atomic.shared.file.FileContents;
import dev.atomic.shared.file.FilePath;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.Origin;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.job.ListedJobs.Listed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;

/// Lists, events, files and checkpoints, whatever the database. Has its database to itself.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
abstract class TablesConformance {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

    private final Callable<TestDatabase> open;
    private TestDatabase database;
    JdbcClient jdbc;
    private JobStore jobs;
    private ListedJobs lists;

    TablesConformance(Callable<TestDatabase> open) {
        this.open = open;
    }

    @BeforeAll
    void start() throws Exception {
        database = open.call();
        jdbc = JdbcClient.create(database.dataSource());
        jobs = new JobStore(jdbc, database.dialect());
        lists = new ListedJobs(jdbc);
    }

    @AfterAll
    void stop() {
        database.close();
    }

    @Test
    void jobsAreListedNewestFirstPageByPage() {
        jdbc.sql("delete from job").update();
        List<UUID> made = IntStream.range(0, 7).mapToObj(_ -> TestJobs.admit(jobs)).toList();
        jobs.claim(List.of(made.get(3)), UUID.randomUUID());
        List<UUID> listed = new ArrayList<>();
        UUID before = null;
        List<Listed> page;
        do {
            page = lists.list("default", null, null, before, 3);
            page.forEach(job -> listed.add(job.id()));
            before = listed.getLast();
        } while (page.size() == 3);
        assertThat(listed).containsExactlyElementsOf(made.reversed());
        assertThat(lists.read(made)).extracting(Job::id).containsExactlyElementsOf(listed);
        int asked = Json.write(TestJobs.input()).length();
        assertThat(lists.list("default", null, null, null, 1).getFirst().length()).isEqualTo(asked);
        assertThat(lists.list("default", JobState.RUNNING, Kind.GENERATE, null, 9))
                .extracting(Listed::id)
                .containsExactly(made.get(3));
        assertThat(lists.list("default", null, Kind.EXECUTE, null, 9)).isEmpty();
        assertThat(lists.list("other", null, null, null, 9)).isEmpty();
    }

    @Test
    void whatWaitsIsCountedToItsLimit() {
        jdbc.sql("delete from job").update();
        List<UUID> made = IntStream.range(0, 5).mapToObj(_ -> TestJobs.admit(jobs)).toList();
        assertThat(new WaitingJobs(jdbc, jobs, database.dialect()).count(100)).isEqualTo(5);
        assertThat(new WaitingJobs(jdbc, jobs, database.dialect()).count(3)).isEqualTo(3);
        jobs.claim(List.of(made.getFirst()), UUID.randomUUID());
        assertThat(new WaitingJobs(jdbc, jobs, database.dialect()).count(100)).isEqualTo(4);
        jobs.putBack(made.getFirst(), 1, 2, 3, Duration.ZERO, false, false);
        assertThat(new WaitingJobs(jdbc, jobs, database.dialect()).count(100))
                .as("one that goes back doesn't count")
                .isEqualTo(4);
    }

    @Test
    void theLastNumbersOfAnyNumberOfJobsAreRead() {
        Map<UUID, Long> expected = new HashMap<>();
        expected.put(TestJobs.admit(jobs), 1L);
        UUID claimed = TestJobs.admit(jobs);
        jobs.claim(List.of(claimed), UUID.randomUUID());
        expected.put(claimed, 2L);
        var asked = new HashSet<>(expected.keySet());
        IntStream.range(0, 2_500).forEach(_ -> asked.add(UUID.randomUUID()));
        assertThat(jobs.lastSeqs(asked)).isEqualTo(expected);
        assertThat(jobs.lastSeqs(Set.of())).isEmpty();
    }

    @Test
    void eventsComeBackAsTheyWentAndInOrder() {
        UUID id = TestJobs.admit(jobs);
        EventLog log = new EventLog(new JdbcTemplate(database.dataSource()));
        JobEvent event = new JobEvent.Chunk(StageName.CODE, 0, "é\n\"x\"🙂", 3);
        log.append(
                List.of(
                        new EventLog.Entry(id, "default", 2, NOW, 1, new JobEvent.Succeeded()),
                        new EventLog.Entry(id, "default", 1, NOW, 1, event)));
        assertThat(log.read(id, 0, 10)).extracting(LoggedEvent::seq).containsExactly(1L, 2L);
        assertThat(log.read(id, 0, 1)).hasSize(1);
        assertThat(log.read(id, 2, 10)).isEmpty();
        assertThat(log.read(id, 0, 10).getFirst().wire())
                .isEqualTo(
                        "{\"seq\":1,\"type\":\"chunk\",\"job_id\":\""
                                + id
                                + "\",\"at\":\"2026-01-02T03:04:05.678Z\",\"attempt\":1,\"stage\":\"code\","
                                + "\"round\":0,\"delta\":\"é\\n\\\"x\\\"🙂\",\"chunk_index\":3}");
        assertThat(log.read(id, 1, 10).getFirst().wire()).endsWith("\"attempt\":1}");
    }

    @Test
    void aPageOfEventsEndsAtItsBytesOrItsLimitAndHasOneInAnyCase() {
        UUID id = TestJobs.admit(jobs);
        EventLog log = new EventLog(new JdbcTemplate(database.dataSource()));
        JobEvent large = new JobEvent.Chunk(StageName.CODE, 0, "é".repeat(50_000), 0);
        List<EventLog.Entry> entries =
                IntStream.rangeClosed(1, 5)
                        .mapToObj(seq -> new EventLog.Entry(id, "default", seq, NOW, 1, large))
                        .toList();
        log.append(entries);
        var two = log.read(id, 0, 10, 150_000);
        assertThat(two.events()).extracting(LoggedEvent::seq).containsExactly(1L, 2L);
        assertThat(two.more()).isTrue();
        assertThat(two.events().getFirst()).isEqualTo(log.read(id, 0, 1).getFirst());
        assertThat(log.read(id, 2, 10, 1).events())
                .extracting(LoggedEvent::seq)
                .containsExactly(3L);
        assertThat(log.read(id, 0, 3, 10_000_000).events()).hasSize(3);
        var all = log.read(id, 0, 10, 10_000_000);
        assertThat(all.events()).hasSize(5);
        assertThat(all.more()).isFalse();
        assertThat(log.read(id, 5, 10, 150_000).events()).isEmpty();
    }

    @Test
    void anEventMayHoldWhatPostgresTakesInNoText() {
        UUID id = TestJobs.admit(jobs);
        EventLog log = new EventLog(new JdbcTemplate(database.dataSource()));
        JobEvent event = new JobEvent.SandboxOutput("stdout", "a\u0000b" + "x".repeat(70_000), 0);
        log.append(List.of(new EventLog.Entry(id, "default", 1, NOW, 1, event)));
        assertThat(log.read(id, 0, 1).getFirst().payload()).contains("a\\u0000bx");
    }

    @Test
    void filesComeBackAsTheyWent() {
        UUID id = TestJobs.admit(jobs);
        FileStore files = new FileStore(jdbc, new FileContents(jdbc, database.dialect()));
        SourceFile file = SourceFile.of("a/b.py", "print(1)");
        files.put("default", id, FileStore.Role.WORKSPACE, file, Origin.MODEL);
        files.put("default", id, FileStore.Role.WORKSPACE, file, Origin.MODEL);
        files.put("default", id, FileStore.Role.VERIFY, SourceFile.of("t.py", "x"), Origin.INPUT);
        assertThat(files.read(id, FileStore.Role.WORKSPACE)).containsExactly(file);
        assertThat(files.list(id, FileStore.Role.WORKSPACE))
                .containsExactly(
                        new FileStore.Entry(
                                "a/b.py", 8, FileStore.sha256(file.content()), Origin.MODEL));
        assertThat(files.list(id, FileStore.Role.VERIFY)).hasSize(1);
    }

    @Test
    void aFileOfAnyBytesMayBeAsLargeAsAFileMayBe() {
        UUID id = TestJobs.admit(jobs);
        FileStore files = new FileStore(jdbc, new FileContents(jdbc, database.dialect()));
        byte[] bytes = new byte[FilePath.MAX_FILE_BYTES];
        new Random(1).nextBytes(bytes);
        SourceFile file = new SourceFile("b".repeat(FilePath.MAX_BYTES), bytes);
        files.put("default", id, FileStore.Role.WORKSPACE, file, Origin.RUN);
        assertThat(files.read(id, FileStore.Role.WORKSPACE, file.path())).contains(bytes);
        SourceFile empty = new SourceFile("empty", new byte[0]);
        files.put("default", id, FileStore.Role.WORKSPACE, empty, Origin.RUN);
        assertThat(files.read(id, FileStore.Role.WORKSPACE, "empty")).contains(new byte[0]);
    }

    @Test
    void theSameContentIsKeptOnceATenant() {
        FileStore files = new FileStore(jdbc, new FileContents(jdbc, database.dialect()));
        String text = UUID.randomUUID().toString();
        for (String tenant : List.of("default", "default", "other")) {
            UUID id = TestJobs.admit(jobs);
            files.put(tenant, id, FileStore.Role.WORKSPACE, SourceFile.of("x", text), Origin.MODEL);
        }
        assertThat(
                        jdbc.sql("select count(*) from blob_content where sha256 = ?")
                                .param(FileStore.sha256(SourceFile.of("x", text).content()))
                                .query(Integer.class)
                                .single())
                .isEqualTo(2);
    }

    @Test
    void usageAddsUpByStageAndProviderAndAnUnknownPriceMakesTheSumUnknown() {
        Job job = jobs.find(TestJobs.admit(jobs)).orElseThrow();
        UsageStore usage = new UsageStore(jdbc);
        usage.add(job, new Paid(StageName.CODE, "p", new Usage(1, 2, 0.25, false)));
        usage.add(job, new Paid(StageName.CODE, "p", new Usage(10, 20, 0.5, true)));
        usage.add(job, new Paid(StageName.CODE, "p", Usage.NONE));
        usage.add(job, new Paid(StageName.CODE, null, new Usage(0, 3, null, true)));
        usage.add(job, new Paid(StageName.SPEC, "p", new Usage(1, 1, 1.0, false)));
        usage.add(job, new Paid(StageName.SPEC, "p", new Usage(1, 1, null, false)));
        usage.add(job, new Paid(StageName.SPEC, "p", new Usage(1, 1, 1.0, false)));
        usage.add(job, new Paid(StageName.VERIFY, null, Usage.NONE));
        assertThat(usage.of(job.id()))
                .containsExactlyInAnyOrder(
                        new Paid(StageName.CODE, "p", new Usage(11, 22, 0.75, true)),
                        new Paid(StageName.CODE, null, new Usage(0, 3, null, true)),
                        new Paid(StageName.SPEC, "p", new Usage(3, 3, null, false)));
        assertThat(usage.of(TestJobs.admit(jobs))).isEmpty();
    }

    @Test
    void checkpointsComeBackAsTheyWent() {
        UUID id = TestJobs.admit(jobs);
        CheckpointStore checkpoints = new CheckpointStore(jdbc);
        Job job = jobs.find(id).orElseThrow();
        checkpoints.begin(job, StageName.CODE, 0, 7, NOW);
        checkpoints.begin(job, StageName.CODE, 0, 7, NOW);
        assertThat(checkpoints.of(id).getFirst().ended()).isFalse();
        Usage usage = new Usage(1, 2, 0.5, true);
        String output = "o".repeat(2 * 1024 * 1024);
        checkpoints.end(id, StageName.CODE, 0, StageStatus.SUCCEEDED, NOW, output, "m", "p", usage);
        checkpoints.begin(job, StageName.VERIFY, 0, null, NOW.plusSeconds(1));
        Checkpoint checkpoint = checkpoints.of(id).getFirst();
        assertThat(checkpoint.runs()).isEqualTo(2);
        assertThat(checkpoint.promptVersion()).isEqualTo(7);
        assertThat(checkpoint.output()).isEqualTo(output);
        assertThat(checkpoint.usage()).isEqualTo(usage);
        assertThat(checkpoint.finishedAt()).isEqualTo(NOW);
        assertThat(checkpoints.of(id).getLast().stage()).isEqualTo(StageName.VERIFY);
        assertThat(checkpoints.of(id).getLast().promptVersion()).isNull();
    }
}
