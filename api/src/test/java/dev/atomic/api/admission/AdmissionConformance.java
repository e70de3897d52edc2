package dev.atomic.api.admission;

import static dev.atomic.api.admission.AtOnce.atOnce;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atomic.api.RunningApi;
import dev.atomic.api.RunningApi.Answer;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.submission.Submitted;
import dev.atomic.db.TestDatabase;
import dev.atomic.shared.Json;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.job.WaitingJobs;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.core.simple.JdbcClient;

/// What is admitted, by two apis on one database.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class AdmissionConformance {
    private static final int LIMIT = 20;

    private final Callable<TestDatabase> open;
    private TestDatabase database;
    private RunningApi api;
    private RunningApi another;
    private JdbcClient jdbc;

    AdmissionConformance(Callable<TestDatabase> open) {
        this.open = open;
    }

    @BeforeAll
    void start() throws Exception {
        database = open.call();
        Map<String, String> variables = Map.of("ATOMIC_MAX_QUEUE_SIZE", Integer.toString(LIMIT));
        api = RunningApi.on(database, variables);
        another = RunningApi.on(database, variables);
        jdbc = JdbcClient.create(database.dataSource());
    }

    @AfterAll
    void stop() {
        another.close();
        api.close();
        database.close();
    }

    @BeforeEach
    void emptyQueue() {
        jdbc.sql("delete from idempotency").update();
        jdbc.sql("delete from job").update();
    }

    @Test
    void anAcceptedJobIsCommittedWithItsFirstEventAndItsDelivery() throws Exception {
        Answer accepted = api.post("/api/jobs", "{\"prompt\":\"p\"}");
        assertThat(accepted.status()).isEqualTo(202);
        UUID id = UUID.fromString(accepted.json().get("id").asString());
        assertThat(id.version()).isEqualTo(7);
        assertThat(count("select count(*) from job_event where seq = 1 and type = 'queued'"))
                .isOne();
        assertThat(
                        jdbc.sql("select count(*) from jobrunr_jobs where id = :id")
                                .param("id", id.toString())
                                .query(Integer.class)
                                .single())
                .isOne();
        assertThat(another.get(accepted.header("Location")).json()).isEqualTo(accepted.json());
    }

    @Test
    void queueNeverExceedsItsLimitUnderConcurrentSubmits() throws Exception {
        List<Answer> answers =
                atOnce(
                        80,
                        i -> (i % 2 == 0 ? api : another).post("/api/jobs", "{\"prompt\":\"p\"}"));
        List<Answer> refused = answers.stream().filter(a -> a.status() == 429).toList();
        assertThat(answers).filteredOn(a -> a.status() == 202).hasSize(LIMIT);
        assertThat(refused).hasSize(80 - LIMIT);
        assertThat(count("select count(*) from job")).isEqualTo(LIMIT);
        assertThat(refused)
                .allSatisfy(a -> {
                    assertThat(a.code()).isEqualTo("queue_full");
                    assertThat(Integer.parseInt(a.header("Retry-After"))).isBetween(1, 60);
                });
        List<Integer> positions =
                jdbc
                        .sql("select payload from job_event where type = 'queued'")
                        .query(String.class)
                        .list()
                        .stream()
                        .map(payload ->
                                Json.STORED.readTree(payload).get("queue_position").intValue())
                        .sorted()
                        .toList();
        assertThat(positions)
                .containsExactlyElementsOf(IntStream.rangeClosed(1, LIMIT).boxed().toList());
    }

    /// The gate's lock is waited for for 1.9 s each time, and the database answers meanwhile.
    @Test
    void whatComesWhileTheGateIsLockedIsAdmittedOnceItIsFree() throws Exception {
        try (Connection other = database.dataSource().getConnection();
                Statement lock = other.createStatement();
                var end = Executors.newSingleThreadScheduledExecutor()) {
            other.setAutoCommit(false);
            lock.executeUpdate("update admission_gate set waiting_at_most = waiting_at_most");
            Future<?> freed =
                    end.schedule(
                            () -> {
                                other.rollback();
                                return null;
                            },
                            5,
                            TimeUnit.SECONDS);
            List<Answer> answers =
                    atOnce(
                            6,
                            i ->
                                    (i % 2 == 0 ? api : another)
                                            .post("/api/jobs", "{\"prompt\":\"p\"}"));
            assertThat(freed.isDone()).isTrue();
            assertThat(answers).extracting(Answer::status).containsOnly(202);
            assertThat(count("select count(*) from job")).isEqualTo(6);
        }
    }

    @Test
    void aJobThatWasStartedOnceNoLongerCounts() throws Exception {
        JobStore jobs = api.bean(JobStore.class);
        WaitingJobs waiting = api.bean(WaitingJobs.class);
        UUID worker = UUID.randomUUID();
        for (int i = 0; i < LIMIT; i++) {
            submit("{\"prompt\":\"p\"}");
        }
        assertThat(api.post("/api/jobs", "{\"prompt\":\"p\"}").status()).isEqualTo(429);
        UUID first = waiting.next("default", 1).getFirst();
        jobs.claim(List.of(first), worker);
        assertThat(api.post("/api/jobs", "{\"prompt\":\"p\"}").status()).isEqualTo(202);
        assertThat(jobs.putBack(first, 1, 2, 3, java.time.Duration.ZERO, false, true)).isTrue();
        assertThat(api.post("/api/jobs", "{\"prompt\":\"p\"}").status()).isEqualTo(429);
    }

    @Test
    void fiftySubmitsWithOneKeyGiveOneJob() throws Exception {
        List<Answer> answers =
                atOnce(
                        50,
                        i ->
                                (i % 2 == 0 ? api : another)
                                        .post(
                                                "/api/jobs",
                                                "{\"prompt\":\"p\"}",
                                                "Idempotency-Key",
                                                "k"));
        assertThat(answers).allMatch(a -> a.status() == 202);
        assertThat(answers)
                .extracting(a -> a.json().get("id").asString())
                .containsOnly(answers.getFirst().json().get("id").asString());
        assertThat(answers).filteredOn(a -> a.header("Idempotency-Replayed").isEmpty()).hasSize(1);
        assertThat(count("select count(*) from job")).isOne();
    }

    @Test
    void aRepeatIsAnsweredWithAFullQueueToo() throws Exception {
        Answer first =
                api.post(
                        "/api/jobs",
                        "{\"prompt\":\"p\",\"priority\":\"low\"}",
                        "Idempotency-Key",
                        "k");
        for (int i = 1; i < LIMIT; i++) {
            submit("{\"prompt\":\"p\"}");
        }
        Answer full = api.post("/api/jobs", "{\"prompt\":\"p\"}", "Idempotency-Key", "other");
        assertThat(full.status()).isEqualTo(429);
        Answer repeat =
                another.post(
                        "/api/jobs",
                        "{ \"priority\":\"low\", \"prompt\":\"p\"}",
                        "Idempotency-Key",
                        "k");
        assertThat(repeat.status()).isEqualTo(202);
        assertThat(repeat.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(repeat.json().get("id")).isEqualTo(first.json().get("id"));
        assertThat(repeat.json().get("queue_position").intValue()).isEqualTo(LIMIT);

        Answer mismatch = api.post("/api/jobs", "{\"prompt\":\"q\"}", "Idempotency-Key", "k");
        assertThat(mismatch.status()).isEqualTo(422);
        assertThat(mismatch.code()).isEqualTo("idempotency_mismatch");

        jdbc.sql("delete from job").update();
        assertThat(api.post("/api/jobs", "{\"prompt\":\"p\"}", "Idempotency-Key", "other").status())
                .as("a refused submit isn't remembered")
                .isEqualTo(202);
        Answer deleted =
                api.post(
                        "/api/jobs",
                        "{\"prompt\":\"p\",\"priority\":\"low\"}",
                        "Idempotency-Key",
                        "k");
        assertThat(deleted.status()).isEqualTo(410);
        assertThat(deleted.code()).isEqualTo("job_deleted");
    }

    @Test
    void aKeyIsForgottenAfterADay() throws Exception {
        Answer first = api.post("/api/jobs", "{\"prompt\":\"p\"}", "Idempotency-Key", "k");
        jdbc.sql("update idempotency set created_at = created_at - interval '25' hour").update();
        Answer second = api.post("/api/jobs", "{\"prompt\":\"q\"}", "Idempotency-Key", "k");
        assertThat(second.status()).isEqualTo(202);
        assertThat(second.json().get("id")).isNotEqualTo(first.json().get("id"));
    }

    @Test
    void aKeyThatCannotBeIsRefused() throws Exception {
        Answer tooLong =
                api.post("/api/jobs", "{\"prompt\":\"p\"}", "Idempotency-Key", "k".repeat(256));
        assertThat(tooLong.status()).isEqualTo(400);
        assertThat(tooLong.json().at("/errors/0/field").asString()).isEqualTo("Idempotency-Key");
    }

    @Test
    void oneThatCannotBeStoredCostsTheOthersNothing() throws Exception {
        Submissions submissions = api.bean(Submissions.class);
        var body = Json.STRICT.readTree("{\"prompt\":\"p\"}");
        List<String> outcomes =
                atOnce(
                        LIMIT,
                        i -> {
                            // No column takes such a tenant: the whole group's transaction fails.
                            String tenant = i == 5 ? "x".repeat(65) : "default";
                            try {
                                submissions.submit(tenant, Kind.GENERATE, body, null);
                                return "admitted";
                            } catch (ProblemException e) {
                                return e.code();
                            } catch (IllegalStateException e) {
                                return "failed";
                            }
                        });
        assertThat(outcomes).filteredOn("admitted"::equals).hasSize(LIMIT - 1);
        assertThat(outcomes).filteredOn("failed"::equals).hasSize(1);
        assertThatThrownBy(() -> submissions.submit("y".repeat(65), Kind.GENERATE, body, null))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void tenantsTakeTurnsAndPlacesCountEveryonesJobs() throws Exception {
        Submissions submissions = api.bean(Submissions.class);
        WaitingJobs waiting = api.bean(WaitingJobs.class);
        var body = Json.STRICT.readTree("{\"prompt\":\"p\"}");
        List<UUID> many = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            many.add(submissions.submit("many", Kind.GENERATE, body, null).jobId());
        }
        List<Integer> places = new ArrayList<>();
        List<UUID> few = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Submitted submitted = submissions.submit("few", Kind.GENERATE, body, null);
            few.add(submitted.jobId());
            places.add(Objects.requireNonNull(submitted.asAdmitted()).queuePosition());
        }
        assertThat(places).containsExactly(2, 4, 6);
        assertThat(waiting.next("default", 7))
                .containsExactly(
                        many.get(0),
                        few.get(0),
                        many.get(1),
                        few.get(1),
                        many.get(2),
                        few.get(2),
                        many.get(3));
        assertThat(waiting.ahead(many.get(1), 1_000)).as("its place has grown").isEqualTo(2);
    }

    @Test
    void tenantsThatSubmitAtOnceTakeTurns() throws Exception {
        Submissions submissions = api.bean(Submissions.class);
        WaitingJobs waiting = api.bean(WaitingJobs.class);
        var body = Json.STRICT.readTree("{\"prompt\":\"p\"}");
        atOnce(LIMIT, i -> submissions.submit("tenant-" + i % 2, Kind.GENERATE, body, null));
        List<UUID> order = waiting.next("default", LIMIT);
        for (int i = 0; i < LIMIT; i++) {
            assertThat(waiting.ahead(order.get(i), 1_000)).isEqualTo(i);
        }
        assertThat(
                        jdbc.sql("select tenant_id from job order by queue_order, id")
                                .query(String.class)
                                .list()
                                .subList(0, LIMIT / 2))
                .filteredOn("tenant-0"::equals)
                .hasSizeBetween(LIMIT / 4 - 1, LIMIT / 4 + 1);
    }

    @Test
    void filesAreKeptAsTheyCame() throws Exception {
        Answer accepted =
                submit(
                        "{\"prompt\":\"p\",\"files\":[{\"path\":\"a b/é.txt\",\"content\":\"é\"},"
                                + "{\"path\":\"z.bin\",\"content\":\"AP8=\",\"encoding\":\"base64\"}]}");
        var files = accepted.json().get("files");
        assertThat(files.size()).isEqualTo(2);
        assertThat(files.at("/0/origin").asString()).isEqualTo("input");
        assertThat(api.get(files.at("/0/url").asString()).text()).isEqualTo("é");
        assertThat(api.get(files.at("/1/url").asString()).response().body())
                .containsExactly(0, 0xFF);
    }

    private Answer submit(String body) throws Exception {
        Answer answer = api.post("/api/jobs", body);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(202);
        return answer;
    }

    private int count(String sql) {
        return jdbc.sql(sql).query(Integer.class).single();
    }
}
