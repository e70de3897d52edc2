package dev.atomic.api.succession;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.RunningApi;
import dev.atomic.api.RunningApi.Answer;
import dev.atomic.db.TestDatabase;
import dev.atomic.shared.checkpoint.CheckpointStore;
import dev.atomic.shared.checkpoint.StageStatus;
import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.FileStore.Role;
import dev.atomic.shared.file.Origin;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.followup.FollowUp;
import dev.atomic.shared.followup.FollowUpStore;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.StageName;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/// Jobs that begin with what a finished one ended with, whatever the database.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
abstract class FollowUpConformance {
    private final Callable<TestDatabase> open;
    private TestDatabase database;
    private RunningApi api;
    private JobStore jobs;
    private FileStore files;
    private FollowUpStore followUps;

    FollowUpConformance(Callable<TestDatabase> open) {
        this.open = open;
    }

    @BeforeAll
    void start() throws Exception {
        database = open.call();
        api = RunningApi.on(database, Map.of());
        jobs = api.bean(JobStore.class);
        files = api.bean(FileStore.class);
        followUps = api.bean(FollowUpStore.class);
    }

    @AfterAll
    void stop() {
        api.close();
        database.close();
    }

    @Test
    void aFollowUpBeginsWithFilesSpecificationAndPromptsOfTheJobBefore() throws Exception {
        UUID first = written(submit("{\"prompt\":\"first\"}"), JobState.SUCCEEDED);
        JsonNode before = api.get("/api/jobs/" + first).json();
        Answer asked =
                api.post(
                        "/api/jobs",
                        "{\"prompt\":\"second\",\"previous_job_id\":\""
                                + first
                                + "\",\"files\":[{\"path\":\"b.py\",\"content\":\"mine\"}]}");
        assertThat(asked.status()).as(asked.toString()).isEqualTo(202);
        JsonNode job = asked.json();
        UUID second = UUID.fromString(job.get("id").asString());
        assertThat(job.get("previous_job_id").asString()).isEqualTo(first.toString());
        assertThat(job.get("retry_of").isNull()).isTrue();
        assertThat(job.get("spec").isNull()).as("its own isn't written yet").isTrue();
        assertThat(job.get("content").isNull()).as("nor its code").isTrue();
        assertThat(files.read(second, Role.WORKSPACE))
                .containsExactly(SourceFile.of("b.py", "mine"), SourceFile.of("main.py", "code"));
        assertThat(followUps.of(second)).contains(new FollowUp(List.of("first"), "the spec"));

        // An answer that changes one file: the entry file stayed.
        files.put("default", second, Role.WORKSPACE, SourceFile.of("b.py", "new"), Origin.MODEL);
        assertThat(api.get("/api/jobs/" + second).json().get("content").asString())
                .isEqualTo("code");
        ended(second, JobState.FAILED);
        UUID third = submit(body("third", second));
        assertThat(followUps.of(third))
                .contains(new FollowUp(List.of("first", "second"), "the spec"));
        assertThat(files.read(third, Role.WORKSPACE))
                .containsExactly(SourceFile.of("b.py", "new"), SourceFile.of("main.py", "code"));
        assertThat(api.get("/api/jobs/" + first).json()).as("the old job").isEqualTo(before);
    }

    @Test
    void whatAFollowUpChangedIsToldAsAPatch() throws Exception {
        UUID first = written(submit("{\"prompt\":\"first\"}"), JobState.SUCCEEDED);
        UUID second = submit(body("second", first));
        files.put("default", second, Role.WORKSPACE, SourceFile.of("b.py", "b\nc\n"), Origin.MODEL);
        files.put(
                "default", second, Role.WORKSPACE, SourceFile.of("a/n.py", "new\n"), Origin.MODEL);
        Answer diff = api.get("/api/jobs/" + second + "/diff?from=" + first);
        assertThat(diff.status()).isEqualTo(200);
        assertThat(diff.text())
                .isEqualTo(
                        """
                        --- /dev/null
                        +++ b/a/n.py
                        @@ -0,0 +1,1 @@
                        +new
                        --- a/b.py
                        +++ b/b.py
                        @@ -1,1 +1,2 @@
                        -b
                        \\ No newline at end of file
                        +b
                        +c
                        """);
        assertThat(diff.response().headers().firstValue("content-type"))
                .contains("text/plain;charset=UTF-8");
        assertThat(diff.response().headers().firstValue("content-disposition").orElse(""))
                .startsWith("attachment");
        assertThat(api.get("/api/jobs/" + first + "/diff?from=" + first).text()).isEmpty();

        Answer missing = api.get("/api/jobs/" + second + "/diff");
        assertThat(missing.status()).isEqualTo(400);
        assertThat(missing.json().at("/errors/0/field").asString()).isEqualTo("from");
        for (Object unknown : List.of(UUID.randomUUID(), "x")) {
            assertThat(api.get("/api/jobs/" + second + "/diff?from=" + unknown).status())
                    .isEqualTo(404);
            assertThat(api.get("/api/jobs/" + unknown + "/diff?from=" + second).status())
                    .isEqualTo(404);
        }
    }

    @Test
    void whatARoundChangedIsToldAsAPatch() throws Exception {
        UUID job =
                submit(
                        """
                        {"prompt": "x", "files": [{"path": "main.py", "content": "given\\n"},
                                                  {"path": "kept.py", "content": "kept\\n"}]}
                        """);
        String diff = "/api/jobs/" + job + "/diff?from=";
        assertThat(api.get(diff + "round:0").code())
                .as("not written yet")
                .isEqualTo("invalid_request");
        files.putWritten("default", job, 0, SourceFile.of("main.py", "first\n"));
        files.putWritten("default", job, 0, SourceFile.of("test_main.py", "test\n"));
        files.putWritten("default", job, 1, SourceFile.of("main.py", "second\n"));
        files.putWritten("default", job, 2, SourceFile.of("main.py", "third\n"));
        assertThat(api.get(diff + "round:0").text()).isEqualTo(patch("first", "third"));
        assertThat(api.get(diff + "round:0&to=round:1").text()).isEqualTo(patch("first", "second"));
        assertThat(api.get(diff + "round:1&to=round:0").text()).isEqualTo(patch("second", "first"));
        assertThat(api.get(diff + "round:2").text()).isEmpty();
        assertThat(api.get(diff + job + "&to=round:1").text()).isEqualTo(patch("third", "second"));
        for (String wrong :
                List.of("round:3", "round:0&to=round:3", "round:0&to=" + job, "round:0&to=x")) {
            Answer refused = api.get(diff + wrong);
            assertThat(refused.status()).as(wrong).isEqualTo(400);
            assertThat(refused.json().at("/errors/0/field").asString())
                    .isEqualTo(wrong.contains("&") ? "to" : "from");
        }
        for (String noJob : List.of("round:", "round:-1", "round:99999")) {
            assertThat(api.get(diff + noJob).status()).as(noJob).isEqualTo(404);
        }
    }

    private static String patch(String from, String to) {
        return """
        --- a/main.py
        +++ b/main.py
        @@ -1,1 +1,1 @@
        -%s
        +%s
        """
                .formatted(from, to);
    }

    @Test
    void aFollowUpOutlivesTheJobBeforeAndItsRetryBeginsWithTheSame() throws Exception {
        UUID first = written(submit("{\"prompt\":\"first\"}"), JobState.SUCCEEDED);
        UUID second = submit(body("second", first));
        assertThat(api.send(api.request("/api/jobs/" + first).DELETE().build()).status())
                .isEqualTo(204);
        files.put("default", second, Role.WORKSPACE, SourceFile.of("main.py", "x"), Origin.MODEL);
        ended(second, JobState.CANCELLED);
        Answer retried = api.post("/api/jobs/" + second + "/retry", "");
        assertThat(retried.status()).isEqualTo(202);
        assertThat(retried.json().get("previous_job_id").asString()).isEqualTo(first.toString());
        UUID third = UUID.fromString(retried.json().get("id").asString());
        assertThat(followUps.of(third)).isEqualTo(followUps.of(second)).isPresent();
        assertThat(files.read(third, Role.WORKSPACE))
                .containsExactly(SourceFile.of("b.py", "b"), SourceFile.of("main.py", "code"));
    }

    @Test
    void aJobThatCannotBeFollowedUpIsRefusedByName() throws Exception {
        UUID waiting = submit("{\"prompt\":\"p\"}");
        Answer unfinished = api.post("/api/jobs", body("q", waiting));
        assertThat(unfinished.status()).isEqualTo(409);
        assertThat(unfinished.code()).isEqualTo("not_finished");
        assertThat(unfinished.json().at("/errors/0/field").asString()).isEqualTo("previous_job_id");
        UUID foreign = written(submit("{\"prompt\":\"p\"}"), JobState.SUCCEEDED);
        JdbcClient.create(database.dataSource())
                .sql("update job set tenant_id = 'other' where id = ?")
                .param(foreign)
                .update();
        for (Object unknown : List.of(foreign, UUID.randomUUID(), "x")) {
            Answer answer = api.post("/api/jobs", body("q", unknown));
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.code()).isEqualTo("not_found");
        }
        assertThat(api.post("/api/jobs", "{\"prompt\":\"q\",\"previous_job_id\":5}").status())
                .isEqualTo(400);
    }

    @Test
    void theFilesOfBothAreBoundedTogether() throws Exception {
        UUID first = written(submit("{\"prompt\":\"first\"}"), JobState.SUCCEEDED);
        String many =
                IntStream.range(0, 199)
                        .mapToObj(i -> "{\"path\":\"f" + i + "\",\"content\":\"\"}")
                        .collect(Collectors.joining(","));
        Answer refused =
                api.post("/api/jobs", body("q", first).replace("}", ",\"files\":[" + many + "]}"));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().at("/errors/0/field").asString()).isEqualTo("files");
    }

    private static String body(String prompt, Object previous) {
        return "{\"prompt\":\"" + prompt + "\",\"previous_job_id\":\"" + previous + "\"}";
    }

    private UUID submit(String body) throws Exception {
        Answer answer = api.post("/api/jobs", body);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(202);
        return UUID.fromString(answer.json().get("id").asString());
    }

    /// Ends a job with a specification and two files.
    private UUID written(UUID id, JobState state) {
        CheckpointStore checkpoints = api.bean(CheckpointStore.class);
        checkpoints.begin(jobs.find(id).orElseThrow(), StageName.SPEC, 0, 1, Instant.now());
        checkpoints.end(
                id,
                StageName.SPEC,
                0,
                StageStatus.SUCCEEDED,
                Instant.now(),
                "the spec",
                "m",
                "p",
                Usage.NONE);
        files.put("default", id, Role.WORKSPACE, SourceFile.of("main.py", "code"), Origin.MODEL);
        files.put("default", id, Role.WORKSPACE, SourceFile.of("b.py", "b"), Origin.MODEL);
        return ended(id, state);
    }

    private UUID ended(UUID id, JobState state) {
        api.bean(TransactionTemplate.class)
                .executeWithoutResult(_ -> {
                    assertThat(jobs.claim(List.of(id), UUID.randomUUID())).hasSize(1);
                    assertThat(jobs.finish(id, 1, 2, 3, state, null)).isTrue();
                });
        return id;
    }
}
