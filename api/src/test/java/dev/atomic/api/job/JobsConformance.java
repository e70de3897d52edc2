package dev.atomic.api.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.RunningApi;
import dev.atomic.api.RunningApi.Answer;
import dev.atomic.db.TestDatabase;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.queue.Signals;
import dev.atomic.shared.queue.Signals.Channel;
import java.io.ByteArrayInputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/// What clients read of jobs, and how they steer them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class JobsConformance {
    private static final String FILES =
            ",\"files\":[{\"path\":\"page.html\",\"content\":\"<b>\"},{\"path\":\"d/x\",\"content\":\"AP8=\",\"encoding\":\"base64\"}]}";

    private final Callable<TestDatabase> open;
    private TestDatabase database;
    private RunningApi api;
    private JobStore jobs;
    private static final UUID WORKER = UUID.randomUUID();

    JobsConformance(Callable<TestDatabase> open) {
        this.open = open;
    }

    @BeforeAll
    void start() throws Exception {
        database = open.call();
        api = RunningApi.on(database, Map.of("ATOMIC_SYNC_WAIT_SECONDS", "20"));
        jobs = api.bean(JobStore.class);
    }

    @AfterAll
    void stop() {
        api.close();
        database.close();
    }

    @Test
    void anUnchangedJobIsNotSentAgain() throws Exception {
        UUID id = submit("{\"prompt\":\"p\",\"priority\":\"low\"}");
        String tag = api.get("/api/jobs/" + id).header("ETag");
        assertThat(tag).matches("\"[0-9a-f]{32}\"");
        submit("{\"prompt\":\"q\",\"priority\":\"high\"}"); // its place in the queue isn't part of
        // it
        Answer same = api.get("/api/jobs/" + id, "If-None-Match", tag);
        assertThat(same.status()).isEqualTo(304);
        assertThat(same.text()).isEmpty();
        jobs.claim(List.of(id), WORKER);
        assertThat(api.get("/api/jobs/" + id, "If-None-Match", tag).status()).isEqualTo(200);
    }

    @Test
    void aPollWaitsForTheEnd() throws Exception {
        UUID id = running();
        CompletableFuture<Answer> poll = async(() -> api.get("/api/jobs/" + id + "?wait=20"));
        succeed(id);
        assertThat(poll.get().json().get("status").asString()).isEqualTo("succeeded");
        assertThat(api.get("/api/jobs/" + id + "?wait=61").status()).isEqualTo(400);
    }

    @Test
    void generateAnswersWithTheFinishedJob() throws Exception {
        String key = UUID.randomUUID().toString();
        CompletableFuture<Answer> waiting =
                async(() ->
                        api.post("/api/generate", "{\"prompt\":\"g\"}", "Idempotency-Key", key));
        UUID id = Awaitility.await().until(() -> newest("g"), found -> found != null);
        jobs.claim(List.of(id), WORKER);
        succeed(id);
        Answer answer = waiting.get();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().get("status").asString()).isEqualTo("succeeded");
        Answer repeat = api.post("/api/generate", "{\"prompt\":\"g\"}", "Idempotency-Key", key);
        assertThat(repeat.status()).isEqualTo(200);
        assertThat(repeat.header("Idempotency-Replayed")).isEqualTo("true");
    }

    @Test
    void generateAnswersAtOnceWhenThatIsPreferred() throws Exception {
        Answer async = api.post("/api/generate", "{\"prompt\":\"p\"}", "Prefer", "respond-async");
        assertThat(async.status()).isEqualTo(202);
        assertThat(async.header("Preference-Applied")).isEqualTo("respond-async");
        assertThat(async.header("Location")).startsWith("/api/jobs/");
        Answer zero = api.post("/api/generate", "{\"prompt\":\"p\"}", "Prefer", "wait=0");
        assertThat(zero.status()).isEqualTo(202);
        assertThat(zero.header("Preference-Applied")).isEqualTo("wait=0");
        Answer execute =
                api.post(
                        "/api/execute",
                        "{\"language\":\"bash\",\"files\":[{\"path\":\"main.sh\",\"content\":\"ls\"}]}",
                        "Prefer",
                        "wait=0");
        assertThat(execute.status()).isEqualTo(202);
        assertThat(execute.json().get("kind").asString()).isEqualTo("execute");
        assertThat(execute.json().get("content").asString()).isEqualTo("ls");
        assertThat(execute.json().get("prompt").isNull()).isTrue();
        assertThat(execute.json().get("stages").size()).isEqualTo(1);
    }

    @Test
    void aListIsReadPageByPage() throws Exception {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            made.addFirst(submit("{\"prompt\":\"p\"" + FILES).toString());
        }
        List<String> read = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = api.get("/api/jobs?kind=generate&limit=2" + cursor).json();
            page.get("jobs").forEach(job -> read.add(job.get("id").asString()));
            JsonNode next = page.get("next_cursor");
            cursor = next.isNull() ? "" : "&cursor=" + next.asString();
        } while (!cursor.isEmpty());
        assertThat(read).startsWith(made.toArray(String[]::new)).doesNotHaveDuplicates();

        JsonNode item = api.get("/api/jobs?status=queued&limit=1").json().at("/jobs/0");
        assertThat(item.has("content")).isFalse();
        assertThat(item.has("spec")).isFalse();
        assertThat(item.has("docs")).isFalse();
        assertThat(item.at("/files/1/path").asString()).isEqualTo("page.html");
        assertThat(item.get("queue_position"))
                .isEqualTo(api.get("/api/jobs/" + made.getFirst()).json().get("queue_position"));
    }

    @Test
    void aWaitingJobIsCancelledAtOnceAndARunningOneIsToldTo() throws Exception {
        UUID waiting = submit("{\"prompt\":\"p\"}");
        Answer cancelled = api.post("/api/jobs/" + waiting + "/cancel", "");
        assertThat(cancelled.status()).isEqualTo(202);
        assertThat(cancelled.json().get("status").asString()).isEqualTo("cancelled");
        assertThat(cancelled.json().at("/stages/0/status").asString()).isEqualTo("skipped");
        JsonNode log = api.get("/api/jobs/" + waiting + "/events").json();
        assertThat(log.get("last_seq").intValue()).isEqualTo(2);
        assertThat(log.at("/events/1/type").asString()).isEqualTo("cancelled");
        Answer again = api.post("/api/jobs/" + waiting + "/cancel", "");
        assertThat(again.status()).isEqualTo(409);
        assertThat(again.code()).isEqualTo("already_finished");

        UUID running = running();
        Answer stopping = api.post("/api/jobs/" + running + "/cancel", "");
        assertThat(stopping.status()).isEqualTo(202);
        assertThat(stopping.json().get("cancel_requested").booleanValue()).isTrue();
        assertThat(api.post("/api/jobs/" + running + "/cancel", "").status()).isEqualTo(202);
    }

    @Test
    void filesAreAttachmentsThatNoBrowserRuns() throws Exception {
        UUID id = submit("{\"prompt\":\"p\"" + FILES);
        Answer page = api.get("/api/jobs/" + id + "/files/page.html", "Accept", "text/html");
        assertThat(page.header("Content-Type")).isEqualToIgnoringCase("text/plain;charset=UTF-8");
        assertThat(page.header("Content-Disposition"))
                .startsWith("attachment;")
                .contains("page.html");
        assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(api.get("/api/jobs/" + id + "/files/d/x").header("Content-Type"))
                .isEqualTo("application/octet-stream");
        assertThat(api.get("/api/jobs/" + id + "/files").json().get("files"))
                .isEqualTo(api.get("/api/jobs/" + id).json().get("files"));
        Answer zip = api.get("/api/jobs/" + id + "/files.zip");
        assertThat(zip.header("Content-Disposition")).startsWith("attachment;");
        List<String> names = new ArrayList<>();
        try (var in = new ZipInputStream(new ByteArrayInputStream(zip.response().body()))) {
            for (ZipEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
                names.add(e.getName() + ":" + in.readAllBytes().length);
            }
        }
        assertThat(names).containsExactly("d/x:2", "page.html:3");
    }

    @Test
    void eventsAreReadBehindASeq() throws Exception {
        UUID id = running();
        JsonNode rest = api.get("/api/jobs/" + id + "/events?after=1&limit=1").json();
        assertThat(rest.at("/events/0/seq").intValue()).isEqualTo(2);
        assertThat(rest.at("/events/0/type").asString()).isEqualTo("started");
        assertThat(rest.get("last_seq").intValue()).isEqualTo(2);
        String path = "/api/jobs/" + id + "/events";
        assertThat(api.get(path, "Accept", "*/*").header("Content-Type"))
                .isEqualTo("application/json");
        assertThat(api.get(path + "?after=9").json().get("events").isEmpty()).isTrue();
        for (String bad : List.of("?after=-1", "?limit=0", "?limit=1001", "?before=1")) {
            assertThat(api.get(path + bad).status()).as(bad).isEqualTo(400);
        }
    }

    /// What was asked may be megabytes long. Here it can't be read at all, so each route that reads
    /// it fails.
    @Test
    void whatWasAskedIsReadOnlyToShowIt() throws Exception {
        UUID id = submit("{\"prompt\":\"p\"" + FILES);
        assertThat(
                        api.bean(JdbcClient.class)
                                .sql("update job_request set input = 'unreadable' where job_id = ?")
                                .param(id)
                                .update())
                .isEqualTo(1);
        String job = "/api/jobs/" + id;
        assertThat(api.get(job).status()).isEqualTo(500);

        assertThat(api.get(job + "/events").status()).isEqualTo(200);
        assertThat(api.get(job + "/files").status()).isEqualTo(200);
        assertThat(api.get(job + "/files/d/x").status()).isEqualTo(200);
        assertThat(api.get(job + "/files.zip").status()).isEqualTo(200);
        assertThat(api.get(job + "/diff?from=" + id).status()).isEqualTo(200);
        assertThat(api.post(job + "/cancel", "").status())
                .as("cancelled, not shown")
                .isEqualTo(500);
        assertThat(api.get(job + "/events", "Accept", "text/event-stream").text())
                .contains("event: cancelled");
        assertThat(api.send(api.request(job).DELETE().build()).status()).isEqualTo(204);
    }

    @Test
    void onlyAFinishedJobIsDeletedAndTotalsStay() throws Exception {
        UUID id = running();
        var delete = api.request("/api/jobs/" + id).DELETE().build();
        assertThat(api.send(delete).code()).isEqualTo("not_finished");
        succeed(id);
        JsonNode before = metrics();
        assertThat(api.send(delete).status()).isEqualTo(204);
        assertThat(api.send(delete).status()).isEqualTo(404);
        assertThat(api.get("/api/jobs/" + id).status()).isEqualTo(404);
        assertThat(api.get("/api/jobs/" + id + "/events").status()).isEqualTo(404);
        JsonNode after =
                Awaitility.await()
                        .until(
                                this::metrics,
                                m ->
                                        m.get("uptime_ms").longValue()
                                                > before.get("uptime_ms").longValue() + 1100);
        assertThat(after.get("total_requests").longValue())
                .isGreaterThanOrEqualTo(before.get("total_requests").longValue());
        assertThat(after.get("successful_requests")).isEqualTo(before.get("successful_requests"));
    }

    private JsonNode metrics() throws Exception {
        return api.get("/api/metrics").json();
    }

    private UUID submit(String body) throws Exception {
        Answer answer = api.post("/api/jobs", body);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(202);
        return UUID.fromString(answer.json().get("id").asString());
    }

    /// The newest job with this prompt; null when there is none.
    private UUID newest(String prompt) throws Exception {
        for (JsonNode job : api.get("/api/jobs?limit=5").json().get("jobs")) {
            if (job.get("prompt").asString("").equals(prompt)) {
                return UUID.fromString(job.get("id").asString());
            }
        }
        return null;
    }

    private UUID running() throws Exception {
        UUID id = submit("{\"prompt\":\"p\"}");
        assertThat(jobs.claim(List.of(id), WORKER)).hasSize(1);
        append(id, 2, new JobEvent.Started("w"));
        return id;
    }

    private void succeed(UUID id) {
        long last = jobs.find(id).orElseThrow().course().lastSeq();
        api.bean(TransactionTemplate.class)
                .executeWithoutResult(_ -> {
                    assertThat(jobs.finish(id, 1, last, last + 1, JobState.SUCCEEDED, null))
                            .isTrue();
                    append(id, last + 1, new JobEvent.Succeeded());
                });
        api.bean(Signals.class).raise(Channel.EVENTS, Set.of(id));
    }

    private void append(UUID id, long seq, JobEvent event) {
        api.bean(EventLog.class)
                .append(List.of(new EventLog.Entry(id, "default", seq, Instant.now(), 1, event)));
    }

    private interface Request {
        Answer send() throws Exception;
    }

    private static CompletableFuture<Answer> async(Request request) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        answer.complete(request.send());
                    } catch (Exception e) {
                        answer.completeExceptionally(e);
                    }
                });
        return answer;
    }
}
