package dev.atomic.shared.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.atomic.db.TestDatabase;
import dev.atomic.shared.file.FileContents;
import dev.atomic.shared.job.HeldJobs;
import dev.atomic.shared.job.JobHead;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.job.TestJobs;
import dev.atomic.shared.job.WaitingJobs;
import dev.atomic.shared.queue.Signals;
import dev.atomic.shared.tenant.TenantDays;
import dev.atomic.shared.tenant.TenantLimits;
import dev.atomic.shared.transition.RunningLimit;
import dev.atomic.shared.transition.Transition;
import dev.atomic.shared.transition.Transitions;
import dev.atomic.shared.transition.Transitions.Told;
import dev.atomic.shared.upkeep.FinishedJobs;
import dev.atomic.shared.upkeep.JobTotals;
import dev.atomic.shared.webhook.WebhookStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
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

/// A log that is packed reads as it did before, from any event on. Whatever the database.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
abstract class LogPackerConformance {
    private static final Instant AT = Instant.parse("2026-11-25T12:00:00.123Z");

    private final Callable<TestDatabase> open;
    private TestDatabase database;
    private JdbcClient jdbc;
    private JobStore jobs;
    private EventLog log;
    private Signals signals;
    private Transitions transitions;
    private TransactionTemplate transactions;
    private FinishedJobs finished;
    private LogPacker packer;

    LogPackerConformance(Callable<TestDatabase> open) {
        this.open = open;
    }

    @BeforeAll
    void start() throws Exception {
        database = open.call();
        var source = database.dataSource();
        jdbc = JdbcClient.create(source);
        JdbcTemplate template = new JdbcTemplate(source);
        jobs = new JobStore(jdbc, database.dialect());
        log = new EventLog(template);
        signals = Signals.of(database.dialect(), source, source);
        transitions =
                new Transitions(
                        jobs,
                        new RunningLimit(
                                jdbc,
                                new WaitingJobs(jdbc, jobs, database.dialect()),
                                new HeldJobs(jdbc, database.dialect()),
                                signals,
                                TenantLimits.NONE,
                                database.dialect()),
                        log,
                        new WebhookStore(jdbc),
                        new TenantDays(jdbc, TenantLimits.NONE));
        transactions = new TransactionTemplate(new JdbcTransactionManager(source));
        finished =
                new FinishedJobs(
                        jdbc, new FileContents(jdbc, database.dialect()), new JobTotals(jdbc));
        packer = new LogPacker(template, finished, log);
    }

    @AfterAll
    void stop() {
        signals.close();
        database.close();
    }

    @BeforeEach
    void empty() {
        jdbc.sql("delete from job").update();
    }

    @Test
    void aPackedLogReadsAsBeforeFromAnyEventOn() {
        UUID id = ended(2_500);
        List<LoggedEvent> whole = log.read(id, 0, 10_000);
        assertThat(whole).hasSize(2_503);

        assertThat(pack(id)).isTrue();

        assertThat(count("job_event")).isZero();
        assertThat(count("packed_log")).isEqualTo(3);
        assertThat(log.read(id, 0, 10_000)).isEqualTo(whole);
        for (int after = 0; after <= whole.size() + 1; after += 167) {
            List<LoggedEvent> rest = whole.subList(Math.min(after, whole.size()), whole.size());
            assertThat(log.read(id, after, 7)).isEqualTo(rest.subList(0, Math.min(7, rest.size())));
            assertThat(byPages(id, after)).as("after %d", after).isEqualTo(rest);
        }
    }

    @Test
    void aPageOfAPackedLogIsBoundedAsAnyOther() {
        UUID id = ended(200);
        EventLog.Page before = log.read(id, 3, 1_000, 900);
        EventLog.Page few = log.read(id, 3, 5, 1_000_000);
        EventLog.Page all = log.read(id, 3, 1_000, 1_000_000);
        pack(id);
        assertThat(log.read(id, 3, 1_000, 900)).isEqualTo(before);
        assertThat(log.read(id, 3, 5, 1_000_000)).isEqualTo(few);
        assertThat(log.read(id, 3, 1_000, 1_000_000)).isEqualTo(all);
    }

    @Test
    void manyLogsReadAtOnceReadAsEachAlone() {
        Map<UUID, Long> after = new LinkedHashMap<>();
        for (int i = 0; i < 19; i++) {
            UUID id = ended(i * 5);
            if (i % 4 == 0) {
                pack(id);
            }
            after.put(id, (long) i / 2);
        }
        after.put(UUID.randomUUID(), 0L);
        for (int limit : List.of(1, 7, 1_000)) {
            for (long bytes : List.of(1L, 900L, 1_000_000L)) {
                Map<UUID, EventLog.Page> pages = new LinkedHashMap<>();
                log.readEach(after, limit, bytes, pages::put);
                assertThat(pages.keySet()).isEqualTo(after.keySet());
                pages.forEach((id, page) ->
                        assertThat(page).isEqualTo(log.read(id, after.get(id), limit, bytes)));
            }
        }
        log.readEach(Map.of(), 1, 1, (id, _) -> fail("nobody asked for " + id));
    }

    @Test
    void whatHasNotEndedIsLeftAlone() {
        JobHead running = running();
        assertThat(packer.ended(Duration.ZERO, null, 10)).isEmpty();
        assertThat(pack(running.id())).isFalse();
        assertThat(pack(UUID.randomUUID())).isFalse();
        assertThat(count("job_event")).isEqualTo(2);
    }

    @Test
    void longLogsThatEndedAWhileAgoAreOfferedUntilTheyArePacked() {
        List<UUID> ids =
                IntStream.range(0, 5).mapToObj(_ -> ended(EventLog.LONG - 3)).sorted().toList();
        ended(EventLog.LONG - 4);
        jdbc.sql("update long_log set ended_at = ended_at - interval '2' hour").update();
        assertThat(packer.ended(Duration.ofHours(1), null, 10)).containsExactlyElementsOf(ids);
        assertThat(packer.ended(Duration.ofHours(3), null, 10)).isEmpty();
        assertThat(packer.ended(Duration.ofHours(1), null, 2)).isEqualTo(ids.subList(0, 2));
        assertThat(packer.ended(Duration.ofHours(1), ids.get(1), 10)).isEqualTo(ids.subList(2, 5));
        ids.subList(0, 4).forEach(this::pack);
        assertThat(packer.ended(Duration.ofHours(1), null, 10)).containsExactly(ids.get(4));
        assertThat(pack(ids.getFirst())).as("once").isFalse();
    }

    @Test
    void aDeletedJobIsNotOffered() {
        UUID id = ended(EventLog.LONG);
        assertThat(count("long_log")).isEqualTo(1);
        transactions.executeWithoutResult(_ -> finished.delete(id));
        assertThat(count("long_log")).isZero();
    }

    @Test
    void aLogThatLacksAnEventIsNotPacked() {
        UUID id = ended(20);
        jdbc.sql("delete from job_event where job_id = ? and seq = 9").param(id).update();
        assertThatThrownBy(() -> pack(id)).isInstanceOf(IllegalStateException.class);
        assertThat(count("packed_log")).isZero();
        assertThat(count("job_event")).isEqualTo(22);
    }

    @Test
    void whoReadsWhileItIsPackedMissesNothing() throws Exception {
        try (ExecutorService others = Executors.newFixedThreadPool(4)) {
            for (int round = 0; round < 5; round++) {
                UUID id = ended(300);
                AtomicBoolean packed = new AtomicBoolean();
                List<Future<Integer>> readers = new ArrayList<>();
                for (int each = 0; each < 3; each++) {
                    readers.add(
                            others.submit(() -> {
                                int reads = 0;
                                boolean last;
                                do {
                                    last = packed.get();
                                    assertThat(byPages(id, 0))
                                            .extracting(LoggedEvent::seq)
                                            .isEqualTo(
                                                    IntStream.rangeClosed(1, 303)
                                                            .mapToObj(seq -> (long) seq)
                                                            .toList());
                                    reads++;
                                } while (!last);
                                return reads;
                            }));
                }
                pack(id);
                packed.set(true);
                for (Future<Integer> reader : readers) {
                    assertThat(reader.get()).isPositive();
                }
            }
        }
    }

    @Test
    void ofManyWhoPackAtOnceOneDoesAndADeletedJobTakesItsLogWithIt() throws Exception {
        try (ExecutorService others = Executors.newFixedThreadPool(4)) {
            UUID id = ended(100);
            List<Future<Boolean>> done =
                    IntStream.range(0, 4).mapToObj(_ -> others.submit(() -> pack(id))).toList();
            int packed = 0;
            for (Future<Boolean> one : done) {
                packed += one.get() ? 1 : 0;
            }
            assertThat(packed).isEqualTo(1);
            assertThat(log.read(id, 0, 1_000)).hasSize(103);
            transactions.executeWithoutResult(_ -> finished.delete(id));
            assertThat(count("packed_log")).isZero();
            assertThat(log.read(id, 0, 1_000)).isEmpty();
        }
    }

    private List<LoggedEvent> byPages(UUID id, long after) {
        List<LoggedEvent> events = new ArrayList<>();
        long last = after;
        EventLog.Page page;
        do {
            page = log.read(id, last, 64, 64 * 1024);
            events.addAll(page.events());
            last = events.isEmpty() ? after : events.getLast().seq();
        } while (!page.events().isEmpty());
        return events;
    }

    private boolean pack(UUID id) {
        return Boolean.TRUE.equals(transactions.execute(_ -> packer.pack(id)));
    }

    private JobHead running() {
        JobStore.NewJob job = TestJobs.job();
        transactions.executeWithoutResult(_ -> {
            transitions.admit(List.of(job), _ -> new JobEvent.Queued(1));
            transitions.claimNext(1, UUID.randomUUID(), "worker-1", AT);
        });
        return jobs.head(job.id()).orElseThrow();
    }

    /// `queued`, `started`, so many chunks, `succeeded`.
    private UUID ended(int chunks) {
        JobHead job = running();
        List<Told> told = new ArrayList<>();
        for (int i = 0; i < chunks; i++) {
            String delta = i % 7 == 0 ? "é🙂 \"\\ \n" : "line " + i;
            told.add(new Told(new JobEvent.Chunk(StageName.CODE, 0, delta, i), AT.plusMillis(i)));
        }
        told.add(new Told(new JobEvent.Succeeded(), AT.plusSeconds(9)));
        transactions.executeWithoutResult(_ -> {
            Transitions.Batch batch = transitions.batch();
            assertThat(
                            batch.apply(
                                    Transitions.Place.of(job),
                                    new Transition.End(JobState.SUCCEEDED, null),
                                    told))
                    .isTrue();
            batch.append();
        });
        return job.id();
    }

    private long count(String table) {
        return jdbc.sql("select count(*) from " + table).query(Long.class).single();
    }
}
