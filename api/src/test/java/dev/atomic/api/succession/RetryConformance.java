package dev.atomic.api.succession;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.RunningApi;
import dev.atomic.api.RunningApi.Answer;
import dev.atomic.db.TestDatabase;
import dev.atomic.shared.checkpoint.CheckpointStore;
import dev.atomic.shared.checkpoint.StageStatus;
import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.FileStore.Role;
import dev.atomic.shared.file.Origin;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.StageName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/// New jobs made of failed and cancelled ones, whatever the database.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
abstract class RetryConformance {
    private static final int LIMIT = 5;
    private static final String GIVEN =
            "{\"prompt\":\"p\",\"priority\":\"high\",\"metadata\":{\"a\":1},\"max_attempts\":2,"
                    + "\"files\":[{\"path\":\"main.py\",\"content\":\"given\"}],"
                    + "\"verify\":{\"files\":[{\"path\":\"test_mine.py\",\"content\":\"mine\"}]}}";

    private final Callable<TestDatabase> open;
    private final UUID worker = UUID.randomUUID();
    private TestDatabase database;
    private RunningApi api;
    private JdbcClient jdbc;
    private JobStore jobs;
    private FileStore files;
    private CheckpointStore checkpoints;

    RetryConformance(Callable<TestDatabase> open) {
        this.open = open;
    }

    @BeforeAll
    void start() throws Exception {
        database = open.call();
        api = RunningApi.on(database, Map.of("ATOMIC_MAX_QUEUE_SIZE", Integer.toString(LIMIT)));
        jdbc = JdbcClient.create(database.dataSource());
        jobs = api.bean(JobStore.class);
        files = api.bean(FileStore.class);
        checkpoints = api.bean(CheckpointStore.class);
    }

    @AfterAll
    void stop() {
        api.close();
        database.close();
    }

    @BeforeEach
    void empty() {
        jdbc.sql("delete from idempotency").update();
        jdbc.sql("delete from jobrunr_jobs").update();
        jdbc.sql("delete from job").update();
    }

    @Test
    void aRetryIsANewJobAdmittedLikeAnyOther() throws Exception {
        UUID old = failed(submit(GIVEN), "timeout");
        Answer before = api.get("/api/jobs/" + old);
        Answer retried = retry(old);
        assertThat(retried.status()).isEqualTo(202);
        JsonNode made = retried.json();
        UUID id = UUID.fromString(made.get("id").asString());
        assertThat(id).isNotEqualTo(old);
        assertThat(retried.header("Location")).isEqualTo("/api/jobs/" + id);
        assertThat(made.get("retry_of").asString()).isEqualTo(old.toString());
        assertThat(made.get("status").asString()).isEqualTo("queued");
        assertThat(made.get("queue_position").intValue()).isEqualTo(1);
        assertThat(made.get("attempt").intValue()).isZero();
        assertThat(made.get("error").isNull()).isTrue();
        for (String same : List.of("prompt", "priority", "metadata", "max_attempts", "pipeline")) {
            assertThat(made.get(same)).as(same).isEqualTo(before.json().get(same));
        }
        JsonNode log = api.get("/api/jobs/" + id + "/events").json();
        assertThat(log.at("/events/0/type").asString()).isEqualTo("queued");
        assertThat(log.get("last_seq").intValue()).isEqualTo(1);
        assertThat(
                        jdbc.sql("select count(*) from jobrunr_jobs where id = ?")
                                .param(id.toString())
                                .query(Integer.class)
                                .single())
                .isOne();
        assertThat(api.get("/api/jobs/" + id).json()).isEqualTo(made);
        assertThat(api.get("/api/jobs/" + old).json()).as("the old one").isEqualTo(before.json());
    }

    @Test
    void whatSucceededIsTakenOverAndPaidByTheOldJobAlone() throws Exception {
        UUID old = submit(GIVEN);
        claim(old);
        ended(old, StageName.SPEC, StageStatus.SUCCEEDED, "the spec");
        ended(old, StageName.CODE, StageStatus.SUCCEEDED, "the answer");
        files.put("default", old, Role.WORKSPACE, SourceFile.of("main.py", "code"), Origin.MODEL);
        files.put("default", old, Role.WORKSPACE, SourceFile.of("b.py", "b"), Origin.MODEL);
        checkpoints.begin(job(old), StageName.DOCS, 0, 1, Instant.now());
        end(old, JobState.CANCELLED, null);

        JsonNode made = retry(old).json();

        assertThat(made.get("spec").asString()).isEqualTo("the spec");
        assertThat(made.get("content").asString()).isEqualTo("code");
        assertThat(paths(made)).containsExactly("b.py", "main.py");
        assertThat(made.get("model").asString()).isEqualTo("m");
        assertThat(made.at("/usage/input_tokens").intValue()).isZero();
        assertThat(made.at("/usage/cost_usd").doubleValue()).isZero();
        assertThat(made.at("/stages/0/status").asString()).isEqualTo("succeeded");
        assertThat(made.at("/stages/0/runs").intValue()).isZero();
        assertThat(made.at("/stages/2/status").asString()).isEqualTo("pending");
        assertThat(made.at("/stages/3/status").asString()).isEqualTo("pending");
        UUID id = UUID.fromString(made.get("id").asString());
        assertThat(files.list(id, Role.VERIFY)).hasSize(1);
        assertThat(api.get("/api/jobs/" + id + "/files/main.py").text()).isEqualTo("code");
    }

    @Test
    void afterCodeThatDidNotPassOnlyTheSpecificationAndWhatTheCallerGaveAreTakenOver()
            throws Exception {
        UUID old = submit(GIVEN);
        claim(old);
        ended(old, StageName.SPEC, StageStatus.SUCCEEDED, "the spec");
        ended(old, StageName.CODE, StageStatus.SUCCEEDED, "the answer");
        files.put("default", old, Role.WORKSPACE, SourceFile.of("main.py", "bad"), Origin.MODEL);
        files.put("default", old, Role.WORKSPACE, SourceFile.of("bad.py", "bad"), Origin.MODEL);
        ended(
                old,
                StageName.VERIFY,
                StageStatus.FAILED,
                dev.atomic.shared.Json.write(
                                dev.atomic.shared.verify.Verification.skipped("no_tests"))
                        .replace("\"skipped\"", "\"failed\""));
        end(
                old,
                JobState.FAILED,
                new Failure(FailureCode.VERIFICATION_FAILED, "m", StageName.VERIFY, false));

        JsonNode made = retry(old).json();

        assertThat(made.get("spec").asString()).isEqualTo("the spec");
        assertThat(made.get("content").isNull()).isTrue();
        assertThat(made.get("verification").isNull()).isTrue();
        assertThat(paths(made)).containsExactly("main.py");
        assertThat(api.get(made.at("/files/0/url").asString()).text()).isEqualTo("given");
        assertThat(made.at("/stages/1/status").asString()).isEqualTo("pending");
        assertThat(files.list(UUID.fromString(made.get("id").asString()), Role.VERIFY)).hasSize(1);
        JsonNode oldNow = api.get("/api/jobs/" + old).json();
        assertThat(paths(oldNow)).containsExactly("bad.py", "main.py");
        assertThat(oldNow.get("content").asString()).isEqualTo("bad");
    }

    @Test
    void anExecuteJobIsRetriedWithItsFiles() throws Exception {
        Answer submitted =
                api.post(
                        "/api/execute",
                        "{\"language\":\"bash\",\"stdin\":\"in\",\"files\":[{\"path\":\"main.sh\",\"content\":\"cat\"}]}",
                        "Prefer",
                        "wait=0");
        UUID old = UUID.fromString(submitted.json().get("id").asString());
        assertThat(api.post("/api/jobs/" + old + "/cancel", "").status()).isEqualTo(202);
        JsonNode made = retry(old).json();
        assertThat(made.get("kind").asString()).isEqualTo("execute");
        assertThat(made.get("content").asString()).isEqualTo("cat");
        assertThat(jobs.run(UUID.fromString(made.get("id").asString())).orElseThrow().stdin())
                .isEqualTo("in");
    }

    @Test
    void aRetryCanBeRetried() throws Exception {
        UUID old = failed(submit(GIVEN), "timeout");
        UUID second = failed(id(retry(old)), "timeout");
        assertThat(retry(second).json().get("retry_of").asString()).isEqualTo(second.toString());
    }

    @Test
    void onlyWhatFailedOrWasCancelledIsRetried() throws Exception {
        UUID waiting = submit("{\"prompt\":\"p\"}");
        assertThat(retry(waiting).code()).isEqualTo("not_retryable");
        claim(waiting);
        Answer running = retry(waiting);
        assertThat(running.status()).isEqualTo(409);
        assertThat(running.code()).isEqualTo("not_retryable");
        end(waiting, JobState.SUCCEEDED, null);
        assertThat(retry(waiting).code()).isEqualTo("not_retryable");
        assertThat(retry(UUID.randomUUID()).status()).isEqualTo(404);
        assertThat(api.post("/api/jobs/x/retry", "").status()).isEqualTo(404);
        assertThat(api.post("/api/jobs/" + waiting + "/retry?x=1", "").status()).isEqualTo(400);
        jdbc.sql(
                        "update job set tenant_id = 'other', state = 'failed',"
                                + " finished_at = current_timestamp, worker_id = null")
                .update();
        assertThat(retry(waiting).status()).as("another tenant's").isEqualTo(404);
        assertThat(jdbc.sql("select count(*) from job").query(Integer.class).single()).isOne();
    }

    @Test
    void aRetryCountsTowardsTheQueuesLimit() throws Exception {
        UUID old = failed(submit("{\"prompt\":\"p\"}"), "timeout");
        List<Answer> answers = atOnce(12, () -> retry(old));
        assertThat(answers).filteredOn(a -> a.status() == 202).hasSize(LIMIT);
        assertThat(answers)
                .filteredOn(a -> a.status() != 202)
                .hasSize(12 - LIMIT)
                .allSatisfy(a -> {
                    assertThat(a.status()).isEqualTo(429);
                    assertThat(a.code()).isEqualTo("queue_full");
                    assertThat(a.header("Retry-After")).isNotEmpty();
                });
        assertThat(
                        jdbc.sql("select count(*) from job where state = 'queued'")
                                .query(Integer.class)
                                .single())
                .isEqualTo(LIMIT);
    }

    @Test
    void aKeyMakesOneJobOfManyRetries() throws Exception {
        UUID old = failed(submit("{\"prompt\":\"p\"}", "Idempotency-Key", "submit"), "timeout");
        UUID other = failed(submit("{\"prompt\":\"p\"}"), "timeout");
        List<Answer> answers = atOnce(6, () -> retry(old, "Idempotency-Key", "k"));
        assertThat(answers).allMatch(a -> a.status() == 202);
        UUID made = id(answers.getFirst());
        assertThat(answers).allMatch(a -> id(a).equals(made));
        assertThat(answers).filteredOn(a -> a.header("Idempotency-Replayed").isEmpty()).hasSize(1);
        for (Answer mismatch :
                List.of(
                        retry(other, "Idempotency-Key", "k"),
                        retry(old, "Idempotency-Key", "submit"),
                        api.post("/api/jobs", "{\"prompt\":\"p\"}", "Idempotency-Key", "k"))) {
            assertThat(mismatch.status()).isEqualTo(422);
            assertThat(mismatch.code()).isEqualTo("idempotency_mismatch");
        }
        assertThat(retry(old, "Idempotency-Key", "x".repeat(256)).status()).isEqualTo(400);
        failed(made, "timeout");
        assertThat(api.send(api.request("/api/jobs/" + made).DELETE().build()).status())
                .isEqualTo(204);
        Answer deleted = retry(old, "Idempotency-Key", "k");
        assertThat(deleted.status()).isEqualTo(410);
        assertThat(deleted.code()).isEqualTo("job_deleted");
    }

    @Test
    void aJobThatIsDeletedWhileItIsRetriedLeavesAWholeJobOrNone() throws Exception {
        for (int round = 0; round < 8; round++) {
            empty();
            UUID old = failed(submit(GIVEN), "timeout");
            List<Callable<Answer>> tasks = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                tasks.add(() -> retry(old));
            }
            tasks.add(1, () -> api.send(api.request("/api/jobs/" + old).DELETE().build()));
            List<Answer> answers = new ArrayList<>();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (Future<Answer> one : threads.invokeAll(tasks)) {
                    answers.add(one.get());
                }
            }
            assertThat(answers.remove(1).status()).isEqualTo(204);
            for (Answer answer : answers) {
                assertThat(answer.status()).as(answer.toString()).isIn(202, 404);
                if (answer.status() == 202) {
                    assertThat(files.read(id(answer), Role.WORKSPACE)).hasSize(1);
                    assertThat(files.read(id(answer), Role.VERIFY)).hasSize(1);
                }
            }
        }
    }

    private UUID submit(String body, String... headers) throws Exception {
        Answer answer = api.post("/api/jobs", body, headers);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(202);
        return id(answer);
    }

    private Answer retry(UUID id, String... headers) throws Exception {
        return api.post("/api/jobs/" + id + "/retry", "", headers);
    }

    private static UUID id(Answer answer) {
        return UUID.fromString(answer.json().get("id").asString());
    }

    private static List<String> paths(JsonNode job) {
        return StreamSupport.stream(job.get("files").spliterator(), false)
                .map(file -> file.get("path").asString())
                .toList();
    }

    private Job job(UUID id) {
        return jobs.find(id).orElseThrow();
    }

    private void claim(UUID id) {
        assertThat(jobs.claim(List.of(id), worker)).hasSize(1);
        append(id, 2, new JobEvent.Started("w"));
    }

    private UUID failed(UUID id, String code) {
        claim(id);
        end(id, JobState.FAILED, new Failure(FailureCode.of(code), "m", null, true));
        return id;
    }

    private void ended(UUID id, StageName stage, StageStatus status, String output) {
        checkpoints.begin(job(id), stage, 0, 1, Instant.now());
        checkpoints.end(
                id, stage, 0, status, Instant.now(), output, "m", "p", new Usage(7, 8, 9.0, false));
    }

    private void end(UUID id, JobState state, Failure failure) {
        JobEvent event =
                switch (state) {
                    case SUCCEEDED -> new JobEvent.Succeeded();
                    case CANCELLED -> new JobEvent.Cancelled();
                    default -> new JobEvent.Failed(failure);
                };
        api.bean(TransactionTemplate.class)
                .executeWithoutResult(_ -> {
                    assertThat(jobs.finish(id, 1, 2, 3, state, failure)).isTrue();
                    append(id, 3, event);
                });
    }

    private void append(UUID id, long seq, JobEvent event) {
        api.bean(EventLog.class)
                .append(List.of(new EventLog.Entry(id, "default", seq, Instant.now(), 1, event)));
    }

    private static <T> List<T> atOnce(int count, Callable<T> task) throws Exception {
        List<T> results = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<T> future : threads.invokeAll(java.util.Collections.nCopies(count, task))) {
                results.add(future.get());
            }
        }
        return results;
    }
}
