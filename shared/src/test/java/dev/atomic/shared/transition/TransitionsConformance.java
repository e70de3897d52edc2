package dev.atomic.shared.transition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.atomic.db.TestDatabase;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.event.LoggedEvent;
import dev.atomic.shared.job.HeldJobs;
import dev.atomic.shared.job.JobHead;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.TestJobs;
import dev.atomic.shared.job.WaitingJobs;
import dev.atomic.shared.queue.Signals;
import dev.atomic.shared.tenant.TenantDays;
import dev.atomic.shared.tenant.TenantLimits;
import dev.atomic.shared.transition.Transitions.Place;
import dev.atomic.shared.transition.Transitions.Told;
import dev.atomic.shared.webhook.WebhookStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// A job's row and its log move together, whatever the database.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
abstract class TransitionsConformance {
    private static final Instant AT = Instant.parse("2026-11-25T12:00:00Z");

    private final Callable<TestDatabase> open;
    private final UUID worker = UUID.randomUUID();
    private TestDatabase database;
    private JdbcClient jdbc;
    private JobStore jobs;
    private EventLog log;
    private Signals signals;
    private Transitions transitions;
    private TransactionTemplate transactions;

    TransitionsConformance(Callable<TestDatabase> open) {
        this.open = open;
    }

    @BeforeAll
    void start() throws Exception {
        database = open.call();
        DataSource source = database.dataSource();
        jdbc = JdbcClient.create(source);
        jobs = new JobStore(jdbc, database.dialect());
        log = new EventLog(new JdbcTemplate(source));
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
    }

    @AfterAll
    void stop() {
        signals.close();
        database.close();
    }

    @Test
    void aRowAndItsEventsAreNumberedTogether() {
        JobHead job = running();
        transactions.executeWithoutResult(_ -> {
            Transitions.Batch batch = transitions.batch();
            assertThat(batch.apply(Place.of(job), new Transition.Advance(), told("a", "b")))
                    .isTrue();
            Place next =
                    new Place(
                            job.id(),
                            job.tenantId(),
                            job.course().fence(),
                            4,
                            job.course().attempt(),
                            false);
            assertThat(
                            batch.apply(
                                    next,
                                    new Transition.End(JobState.SUCCEEDED, null),
                                    List.of(new Told(new JobEvent.Succeeded(), AT))))
                    .isTrue();
            batch.append();
        });
        assertThat(log.read(job.id(), 0, 10))
                .extracting(LoggedEvent::seq, LoggedEvent::type)
                .containsExactly(
                        tuple(1L, "queued"),
                        tuple(2L, "started"),
                        tuple(3L, "sandbox_output"),
                        tuple(4L, "sandbox_output"),
                        tuple(5L, "succeeded"));
        assertThat(job(job.id()).course().lastSeq()).isEqualTo(5);
    }

    @Test
    void aWebhookFallsDueWithItsJobsEndAndIsTakenOnceAnAttempt() {
        WebhookStore webhooks = new WebhookStore(jdbc);
        UUID id = running().id();
        webhooks.add(id, "default", "https://example.com/");
        JobHead job = jobs.head(id).orElseThrow();
        assertThat(webhooks.due(10)).isEmpty();
        assertThat(transactions.<Boolean>execute(_ -> end(job))).isTrue();
        assertThat(webhooks.due(10)).hasSize(1);
        WebhookStore.Attempt first = webhooks.due(10).getFirst();
        assertThat(first)
                .isEqualTo(new WebhookStore.Attempt(id, "default", "https://example.com/", 1));
        assertThat(webhooks.take(first, Duration.ofMinutes(1))).isTrue();
        assertThat(webhooks.take(first, Duration.ofMinutes(1))).isFalse();
        assertThat(webhooks.due(10)).isEmpty();
        assertThat(webhooks.again(first, "answered 500", Duration.ZERO)).isTrue();
        WebhookStore.Attempt second = webhooks.due(10).getFirst();
        assertThat(second.attempt()).isEqualTo(2);
        assertThat(webhooks.take(second, Duration.ofMinutes(1))).isTrue();
        // Who was thought dead isn't heard any more.
        webhooks.delivered(first, "late");
        assertThat(webhooks.of(List.of(id)).get(id).status()).isEqualTo("pending");
        assertThat(webhooks.again(second, "x".repeat(1_000), Duration.ofDays(2))).isFalse();
        WebhookStore.Progress given = webhooks.of(List.of(id)).get(id);
        assertThat(given.status()).isEqualTo("failed");
        assertThat(given.outcome()).hasSize(300);
        assertThat(given.nextAttemptAt()).isNull();
        assertThat(webhooks.due(10)).isEmpty();
    }

    @Test
    void anEndThatIsUndoneLeavesItsWebhookWaiting() {
        WebhookStore webhooks = new WebhookStore(jdbc);
        UUID id = running().id();
        webhooks.add(id, "default", "https://example.com/");
        JobHead job = jobs.head(id).orElseThrow();
        transactions.executeWithoutResult(status -> {
            assertThat(end(job)).isTrue();
            status.setRollbackOnly();
        });
        assertThat(webhooks.due(10)).isEmpty();
        assertThat(webhooks.of(List.of(id)).get(id).status()).isEqualTo("waiting");
    }

    private boolean end(JobHead job) {
        return transitions.apply(
                Place.of(job),
                new Transition.End(JobState.SUCCEEDED, null),
                new Told(new JobEvent.Succeeded(), AT));
    }

    @Test
    void aRowThatStandsElsewhereMovesNotAndNothingIsTold() {
        JobHead job = running();
        Place stale =
                new Place(
                        job.id(),
                        job.tenantId(),
                        job.course().fence() - 1,
                        job.course().lastSeq(),
                        job.course().attempt(),
                        false);
        Told told = new Told(new JobEvent.Succeeded(), AT);
        for (Transition transition :
                List.of(
                        new Transition.Advance(),
                        new Transition.PutBack(Duration.ZERO, true, false),
                        new Transition.End(JobState.SUCCEEDED, null),
                        new Transition.Withdraw())) {
            assertThat(
                            transactions.<Boolean>execute(
                                    _ -> transitions.apply(stale, transition, told)))
                    .isFalse();
        }
        assertThat(job(job.id()))
                .usingRecursiveComparison()
                .ignoringFields("times.readAt")
                .isEqualTo(job);
        assertThat(log.read(job.id(), job.course().lastSeq(), 10)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "state = 'paused'",
                "state = 'succeeded'",
                "state = 'queued'",
                "worker_id = null",
                "finished_at = current_timestamp",
                "error = '{}'"
            })
    void theDatabaseItselfRefusesARowThatContradictsItself(String change) {
        JobHead job = running();
        assertThatThrownBy(() ->
                        jdbc.sql("update job set " + change + " where id = ?")
                                .param(job.id())
                                .update())
                .isInstanceOf(DataIntegrityViolationException.class);
    }

    private JobHead running() {
        JobStore.NewJob admitted = TestJobs.job();
        UUID id = admitted.id();
        transactions.executeWithoutResult(_ -> {
            transitions.admit(List.of(admitted), _ -> new JobEvent.Queued(1));
            jobs.claim(List.of(id), worker);
            log.append(
                    List.of(
                            new EventLog.Entry(
                                    id, "default", 2, AT, 1, new JobEvent.Started("worker"))));
        });
        return job(id);
    }

    private JobHead job(UUID id) {
        return jobs.head(id).orElseThrow();
    }

    private static List<Told> told(String... texts) {
        return Arrays.stream(texts)
                .map(text -> new Told(new JobEvent.SandboxOutput("stdout", text, 0), AT))
                .toList();
    }
}
