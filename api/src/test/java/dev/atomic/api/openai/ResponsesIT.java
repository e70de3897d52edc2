package dev.atomic.api.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.RunningApi;
import dev.atomic.api.RunningApi.Answer;
import dev.atomic.api.openai.fold.JobLogs;
import dev.atomic.api.relay.WorkerAtHand;
import dev.atomic.db.TestDatabase;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.queue.Signals;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/// OpenAI's shapes over the real api and database; the test plays the worker.
class ResponsesIT {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static TestDatabase database;
    private static RunningApi api;
    private static WorkerAtHand worker;

    @BeforeAll
    static void start() throws Exception {
        database = TestDatabase.h2();
        api = RunningApi.on(database, Map.of());
        worker =
                new WorkerAtHand(
                        api.bean(JobStore.class),
                        api.bean(EventLog.class),
                        api.bean(Signals.class),
                        api.bean(TransactionTemplate.class));
    }

    @AfterAll
    static void stop() {
        api.close();
        database.close();
    }

    @Test
    void aStreamIsNumberedAlikeLiveAndAtEveryReplay() throws Exception {
        CompletableFuture<String> live =
                HTTP.sendAsync(
                                post("/v1/responses", "{\"input\":\"live\",\"stream\":true}"),
                                BodyHandlers.ofString())
                        .thenApply(answer -> answer.body());
        String id = theResponseAsked("live");
        run(id, "repaired");
        List<String> events = data(live.get());
        assertThat(events.getLast()).isEqualTo("[DONE]");
        assertThat(data(stream(id, ""))).isEqualTo(events);
        for (int again = 0; again < 50; again++) {
            int seen = ThreadLocalRandom.current().nextInt(-1, events.size());
            String query = seen < 0 ? "" : "&starting_after=" + seen;
            assertThat(data(stream(id, query)))
                    .isEqualTo(
                            events.subList(Math.min(seen + 1, events.size() - 1), events.size()));
        }
        Answer now = api.get("/v1/responses/" + id);
        JsonNode last = dev.atomic.shared.Json.STORED.readTree(events.get(events.size() - 2));
        assertThat(now.json()).isEqualTo(last.path("response"));
        assertThat(now.json().path("status").asString()).isEqualTo("completed");
    }

    @Test
    void aResponseInTheBackgroundIsPolledAndDeleted() throws Exception {
        JsonNode created =
                create("{\"input\":\"poll\",\"background\":true,\"metadata\":{\"a\":\"b\"}}");
        String id = created.path("id").asString();
        assertThat(created.path("status").asString()).isEqualTo("queued");
        assertThat(created.path("background").asBoolean()).isTrue();
        assertThat(created.path("metadata").path("a").asString()).isEqualTo("b");
        Answer early = api.send(api.request("/v1/responses/" + id).DELETE().build());
        assertThat(early.status()).isEqualTo(409);
        assertThat(early.header("x-should-retry")).isEqualTo("false");
        assertThat(error(early).path("code").asString()).isEqualTo("not_finished");
        run(id, "failed");
        JsonNode failed = api.get("/v1/responses/" + id).json();
        assertThat(failed.path("status").asString()).isEqualTo("failed");
        assertThat(failed.path("error").path("code").asString()).isEqualTo("verification_failed");
        JsonNode items = api.get("/v1/responses/" + id + "/input_items").json();
        assertThat(items.path("data").get(0).path("content").get(0).path("text").asString())
                .isEqualTo("poll");
        Answer deleted = api.send(api.request("/v1/responses/" + id).DELETE().build());
        assertThat(deleted.json().path("deleted").asBoolean()).isTrue();
        assertThat(api.get("/v1/responses/" + id).status()).isEqualTo(404);
    }

    @Test
    void aResponseThatIsWaitedForIsAnsweredWhenItHasEnded() throws Exception {
        CompletableFuture<String> answer =
                HTTP.sendAsync(
                                post("/v1/responses", "{\"input\":\"wait\"}"),
                                BodyHandlers.ofString())
                        .thenApply(each -> each.body());
        run(theResponseAsked("wait"), "plain");
        assertThat(dev.atomic.shared.Json.STORED.readTree(answer.get()).path("status").asString())
                .isEqualTo("completed");
    }

    @Test
    void aCancelledResponseSaysSo() throws Exception {
        String id = create("{\"input\":\"cancel\",\"background\":true}").path("id").asString();
        for (int again = 0; again < 2; again++) {
            Answer cancelled = api.post("/v1/responses/" + id + "/cancel", "");
            assertThat(cancelled.status()).isEqualTo(200);
            assertThat(cancelled.json().path("status").asString()).isEqualTo("cancelled");
        }
        assertThat(data(stream(id, "")).get(2)).contains("\"type\":\"response.incomplete\"");
    }

    /// The headers are those that OpenAI's libraries send.
    @Test
    void whatALibraryTriesAgainIsOneJob() throws Exception {
        String body = "{\"input\":\"again\",\"background\":true}";
        String first = tried(body, "0");
        assertThat(tried(body, "1")).isEqualTo(first);
        assertThat(tried(body, "2")).isEqualTo(first);
        String other = tried(body, "0");
        assertThat(other).isNotEqualTo(first);
        assertThat(tried(body, "1")).isEqualTo(other);
        assertThat(tried("{\"input\":\"new\",\"background\":true}", "1")).isNotIn(first, other);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {"input":"x","tools":[{"type":"web_search"}]}                | tools[0].type
                    {"input":"x","text":{"format":{"type":"json_schema"}}}       | text.format
                    {"input":[{"role":"user","content":[{"type":"input_image"}]}]} | input[0].content[0].type
                    {"input":"x","conversation":"c"}                             | conversation
                    {"input":""}                                                 | input
                    {"input":"x","max_output_tokens":0}                          | max_output_tokens
                    {"input":"x","previous_response_id":"resp_x"}                | previous_response_id
                    {"input":"x","metadata":{"openai":"x"}}                      | metadata.openai
                    {"input":"x","metadata":{"webhook":"https://127.0.0.1/"}}    | metadata.webhook
                    """)
    void whatIsNotServedIsNamed(String body, String param) throws Exception {
        Answer refused = api.post("/v1/responses", body);
        assertThat(error(refused).path("param").asString("")).isEqualTo(param);
        assertThat(refused.status()).isIn(400, 404);
        assertThat(error(refused).path("message").asString("")).startsWith(param + " ");
    }

    @Test
    void whatOnlyTunesIsPassedOver() throws Exception {
        String tuned =
                "{\"input\":\"x\",\"background\":true,\"top_p\":0.5,\"reasoning\":{\"effort\":\"low\"}}";
        assertThat(create(tuned).path("status").asString()).isEqualTo("queued");
    }

    @Test
    void everyErrorHasTheForm() throws Exception {
        assertThat(error(api.post("/v1/responses", "{")).path("code").asString())
                .isEqualTo("malformed_json");
        assertThat(error(api.get("/v1/nowhere")).path("code").asString()).isEqualTo("not_found");
        assertThat(error(api.get("/v1/responses/resp_x")).path("code").asString())
                .isEqualTo("not_found");
        assertThat(error(api.get("/v1/responses")).path("code").asString())
                .isEqualTo("method_not_allowed");
        Answer foreign = api.get("/v1/models", "Origin", "http://evil.example");
        assertThat(error(foreign).path("type").asString()).isEqualTo("permission_error");
    }

    @Test
    void aChatIsStreamed() throws Exception {
        String body =
                "{\"model\":\"atomic\",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"messages\":[{\"role\":\"system\",\"content\":\"be brief\"},{\"role\":\"user\",\"content\":\"chat\"}]}";
        CompletableFuture<String> live =
                HTTP.sendAsync(post("/v1/chat/completions", body), BodyHandlers.ofString())
                        .thenApply(answer -> answer.body());
        run(theResponseAsked("chat"), "repaired");
        List<String> chunks = data(live.get());
        assertThat(chunks.getFirst()).contains("\"role\":\"assistant\"");
        assertThat(String.join("", chunks)).contains("\"reasoning_content\":\"# A spec \"");
        assertThat(chunks.get(chunks.size() - 3)).contains("\"finish_reason\":\"stop\"");
        assertThat(chunks.get(chunks.size() - 2)).contains("\"choices\":[]", "total_tokens");
        assertThat(chunks.getLast()).isEqualTo("[DONE]");
    }

    @Test
    void aChatThatFailsIsAnError() throws Exception {
        CompletableFuture<String> live =
                HTTP.sendAsync(
                                post(
                                        "/v1/chat/completions",
                                        "{\"messages\":[{\"role\":\"user\",\"content\":\"bad chat\"}]}"),
                                BodyHandlers.ofString())
                        .thenApply(answer -> answer.statusCode() + answer.body());
        run(theResponseAsked("bad chat"), "failed");
        assertThat(live.get()).startsWith("422").contains("\"code\":\"verification_failed\"");
    }

    @Test
    void modelsAreListed() throws Exception {
        JsonNode list = api.get("/v1/models").json();
        assertThat(list.path("data").get(0).path("id").asString()).isEqualTo("atomic");
        assertThat(api.get("/v1/models/atomic").json().path("object").asString())
                .isEqualTo("model");
        assertThat(error(api.get("/v1/models/x/y")).path("code").asString()).isEqualTo("not_found");
    }

    private static JsonNode create(String body) throws Exception {
        Answer created = api.post("/v1/responses", body);
        assertThat(created.status()).as(created.text()).isEqualTo(200);
        return created.json();
    }

    private static String tried(String body, String retryCount) throws Exception {
        Answer answer = api.post("/v1/responses", body, "X-Stainless-Retry-Count", retryCount);
        return answer.json().path("id").asString();
    }

    private static JsonNode error(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isGreaterThanOrEqualTo(400);
        assertThat(answer.header("Content-Type")).startsWith("application/json");
        assertThat(answer.header("x-request-id")).isNotEmpty();
        return answer.json().path("error");
    }

    /// Does a job's log as a worker would, event after event.
    private static void run(String responseId, String log) {
        UUID job = UUID.fromString(responseId.substring("resp_".length()));
        List<JobEvent> events = new ArrayList<>(JobLogs.each().get(log));
        worker.claim(job);
        for (JobEvent event : events.subList(2, events.size() - 1)) {
            worker.append(job, List.of(event));
        }
        if (events.getLast() instanceof JobEvent.Failed(var failure)) {
            worker.fail(job, failure);
        } else {
            worker.succeed(job);
        }
    }

    private static String theResponseAsked(String prompt) {
        return org.awaitility.Awaitility.await()
                .until(
                        () -> {
                            for (JsonNode job :
                                    api.get("/api/jobs?limit=100").json().path("jobs")) {
                                if (job.path("prompt").asString("").equals(prompt)) {
                                    return "resp_" + job.path("id").asString();
                                }
                            }
                            return null;
                        },
                        found -> found != null);
    }

    private static String stream(String id, String query) throws Exception {
        return api.get("/v1/responses/" + id + "?stream=true" + query).text();
    }

    private static List<String> data(String stream) {
        return stream.lines()
                .filter(line -> line.startsWith("data: "))
                .map(line -> line.substring("data: ".length()))
                .toList();
    }

    private static HttpRequest post(String path, String body) {
        return api.request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }
}
