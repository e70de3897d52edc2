package dev.atomic.shared.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.db.TestDatabase;
import dev.atomic.shared.job.JobId;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.JobStore.Due;
import dev.atomic.shared.job.Priority;
import dev.atomic.shared.job.TestJobs;
import dev.atomic.shared.job.WaitingJobs;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jobrunr.jobs.Job;
import org.jobrunr.jobs.filters.RetryFilter;
import org.jobrunr.jobs.states.EnqueuedState;
import org.jobrunr.jobs.states.StateName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// Deliveries in our transaction, and claims that share the queue, whatever the database.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
abstract class DeliveriesConformance {
    /// Behind the system's clock, so that a time of that one shows.
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

    private final Callable<TestDatabase> open;
    private TestDatabase database;
    private DataSource source;
    private JdbcClient jdbc;
    private JobStore jobs;
    private WaitingJobs waiting;
    private QueueStorage queue;
    private Deliveries deliveries;
    private TransactionTemplate transactions;

    DeliveriesConformance(Callable<TestDatabase> open) {
        this.open = open;
    }

    @BeforeAll
    void start() throws Exception {
        database = open.call();
        source = database.dataSource();
        jdbc = JdbcClient.create(source);
        jobs = new JobStore(jdbc, database.dialect());
        waiting = new WaitingJobs(jdbc, jobs, database.dialect());
        queue = new QueueStorage(source, database.dialect());
        deliveries = new Deliveries(queue, Clock.fixed(NOW, ZoneOffset.UTC));
        transactions = new TransactionTemplate(new JdbcTransactionManager(source));
    }

    @AfterAll
    void stop() {
        database.close();
    }

    @BeforeEach
    void empty() {
        jdbc.sql("delete from jobrunr_jobs").update();
        jdbc.sql("delete from job").update();
    }

    @Test
    void oneWhoseServerWasLostIsNotScheduledAgain() {
        Job stored = queue.getJobById(enqueue(Priority.NORMAL));
        stored.failed("Orphaned job", new IllegalStateException());
        new RetryFilter().onStateElection(stored, stored.getJobState());
        assertThat(stored.getState()).isEqualTo(StateName.FAILED);
    }

    @Test
    void aJobAndItsDeliveryAreCommittedTogether() {
        UUID id = enqueue(Priority.NORMAL);
        Job delivery = queue.getJobById(id);
        assertThat(delivery.getState()).isEqualTo(StateName.ENQUEUED);
        assertThat(delivery.getJobDetails().getJobParameterValues()[0])
                .isEqualTo(new RunGeneration(id, 0));
        assertThat(jobs.find(id)).isPresent();
    }

    @Test
    void aDeliveryIsOnOfferSinceOurClocksTime() {
        UUID id = enqueue(Priority.NORMAL);
        EnqueuedState offered = queue.getJobById(id).getJobState();
        assertThat(offered.getEnqueuedAt()).isEqualTo(NOW);
    }

    @Test
    void aRollbackLeavesNeither() {
        transactions.executeWithoutResult(status -> {
            enqueue(Priority.NORMAL);
            status.setRollbackOnly();
        });
        assertThat(count("job")).isZero();
        assertThat(count("jobrunr_jobs")).isZero();
    }

    @Test
    void nothingIsSeenBeforeTheCommit() throws Exception {
        transactions.executeWithoutResult(_ -> {
            enqueue(Priority.NORMAL);
            assertThat(elsewhere(() -> count("jobrunr_jobs"))).isZero();
        });
        assertThat(count("jobrunr_jobs")).isEqualTo(1);
    }

    @Test
    void aLaterDeliveryIsAnotherJobOfJobRunrs() {
        UUID id = enqueue(Priority.NORMAL);
        transactions.executeWithoutResult(_ -> deliveries.enqueue(List.of(new Due(id, 2))));
        assertThat(count("jobrunr_jobs")).isEqualTo(2);
        assertThat(queue.getJobById(JobId.delivery(id, 2)).getJobDetails().getJobParameterValues())
                .containsExactly(new RunGeneration(id, 2));
    }

    @Test
    void aClaimSkipsWhatAnotherIsClaiming() {
        List<UUID> made = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            made.add(enqueue(Priority.NORMAL));
        }
        List<UUID> claimed = new ArrayList<>();
        transactions.executeWithoutResult(_ -> {
            claimed.addAll(claim(4));
            List<UUID> others = elsewhere(() -> transactions.execute(_ -> claim(4)));
            assertThat(others).hasSize(4).doesNotContainAnyElementsOf(claimed);
            claimed.addAll(others);
        });
        assertThat(made).containsAll(claimed);
    }

    @Test
    void twoWhoClaimGetNoDoublesAndAllIsHad() throws Exception {
        transactions.executeWithoutResult(_ -> {
            for (int i = 0; i < 300; i++) {
                enqueue(Priority.NORMAL);
            }
        });
        List<UUID> claimed = Collections.synchronizedList(new ArrayList<>());
        try (var claimers = Executors.newFixedThreadPool(2)) {
            Callable<Void> claimer =
                    () -> {
                        while (claimed.size() < 300) {
                            claimed.addAll(transactions.execute(_ -> claim(8)));
                        }
                        return null;
                    };
            for (var one : claimers.invokeAll(List.of(claimer, claimer), 40, TimeUnit.SECONDS)) {
                one.get();
            }
        }
        assertThat(claimed).hasSize(300).doesNotHaveDuplicates();
    }

    @Test
    void claimsGoByPriorityAndThenByAge() {
        UUID low = enqueue(Priority.LOW);
        UUID first = enqueue(Priority.NORMAL);
        UUID second = enqueue(Priority.NORMAL);
        UUID high = enqueue(Priority.HIGH);
        List<UUID> order = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            order.addAll(transactions.execute(_ -> claim(1)));
        }
        assertThat(order).containsExactly(high, first, second, low);
        assertThat(transactions.<List<UUID>>execute(_ -> claim(1))).isEmpty();
    }

    @Test
    void oneClaimOfManyIsInOrderToo() {
        for (int i = 0; i < 5; i++) {
            enqueue(Priority.LOW);
        }
        List<UUID> high = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            high.add(enqueue(Priority.HIGH));
        }
        assertThat(transactions.<List<UUID>>execute(_ -> claim(3)))
                .containsExactlyElementsOf(high.subList(0, 3));
    }

    /// As a worker does, but for JobRunr's side.
    private List<UUID> claim(int most) {
        return waiting.claimNext(most, UUID.randomUUID()).jobs().stream()
                .map(claimed -> claimed.job().id())
                .toList();
    }

    private UUID enqueue(Priority priority) {
        JobStore.NewJob job = TestJobs.job(priority);
        transactions.executeWithoutResult(_ -> {
            jobs.insert(List.of(job));
            deliveries.enqueue(List.of(new Due(job.id(), 0)));
        });
        return job.id();
    }

    private int count(String table) {
        return jdbc.sql("select count(*) from " + table).query(Integer.class).single();
    }

    /// On another thread, so outside of this one's transaction.
    private static <T> T elsewhere(Callable<T> work) {
        try (var thread = Executors.newSingleThreadExecutor()) {
            return thread.submit(work).get(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
