package dev.atomic.api.openai.fold;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.openai.fold.Made.MadeFile;
import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.event.LoggedEvent;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobInput;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.job.Priority;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.verify.VerifyPolicy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class ResponseFoldTest {
    private static final Made MADE =
            new Made() {
                @Override
                public List<MadeFile> files() {
                    return List.of(
                            new MadeFile("main.py", "print('```')"),
                            new MadeFile("lib/a.js", "1;\n"));
                }

                @Override
                public Usage usage() {
                    return new Usage(10, 20, 0.5, false);
                }
            };

    /// The keys that Open Responses' schema demands.
    private static final Set<String> KEYS =
            Set.of(
                    "id",
                    "object",
                    "created_at",
                    "completed_at",
                    "status",
                    "incomplete_details",
                    "model",
                    "previous_response_id",
                    "instructions",
                    "output",
                    "error",
                    "tools",
                    "tool_choice",
                    "truncation",
                    "parallel_tool_calls",
                    "text",
                    "top_p",
                    "presence_penalty",
                    "frequency_penalty",
                    "top_logprobs",
                    "temperature",
                    "reasoning",
                    "user",
                    "usage",
                    "max_output_tokens",
                    "max_tool_calls",
                    "store",
                    "background",
                    "service_tier",
                    "metadata",
                    "safety_identifier",
                    "prompt_cache_key");

    @TestFactory
    List<DynamicTest> everyLogIsAStreamThatAStrictClientTakes() {
        return eachLog((log, runs) -> {
            List<ResponseEvent> events = fold(log, runs);
            ObjectNode last = (ObjectNode) events.getLast().body().get("response");
            assertThat(Accumulator.of(events)).isEqualTo(last);
            assertThat(last.propertyNames()).containsExactlyInAnyOrderElementsOf(KEYS);
            assertThat(events.getLast().type())
                    .isIn("response.completed", "response.failed", "response.incomplete");
        });
    }

    /// What a client is given that comes back at any point is what it had not seen, with the
    /// numbers it would have had.
    @TestFactory
    List<DynamicTest> everyReplayIsTheSame() {
        return eachLog((log, runs) -> {
            List<ResponseEvent> first = fold(log, runs);
            assertThat(fold(log, runs)).isEqualTo(first);
            ResponseFold fold = new ResponseFold(head(runs), MADE);
            Accumulator client = new Accumulator();
            int seen = 0;
            for (LoggedEvent event : JobLogs.logged(log)) {
                List<ResponseEvent> next = fold.add(event);
                assertThat(next).isEqualTo(first.subList(seen, seen + next.size()));
                seen += next.size();
                next.forEach(client::take);
                if (seen > 0) {
                    assertThat(client.response().get("output"))
                            .isEqualTo(fold.response().get("output"));
                }
            }
        });
    }

    @Test
    void onlyTheLastRoundIsAMessage() {
        List<ResponseEvent> events = fold(JobLogs.each().get("repaired"), false);
        JsonNode output = events.getLast().body().path("response").path("output");
        assertThat(output)
                .extracting(item -> item.path("type").asString())
                .containsExactly("reasoning", "reasoning", "message");
        assertThat(output.get(0).path("summary").get(0).path("text").asString())
                .isEqualTo("# A spec é\ud83d\ude00");
        assertThat(output.get(1).path("summary").get(0).path("text").asString())
                .isEqualTo("Round 0 didn't pass: 3 of 12 tests failed.\n\nran 0");
        assertThat(output.get(2).path("content").get(0).path("text").asString())
                .isEqualTo(
                        "````python main.py\nprint('```')\n````\n\n"
                                + "```javascript lib/a.js\n1;\n```\n\n"
                                + "Verified: 12 tests passed (judged from outside).");
    }

    @Test
    void whatALostWorkerHadToldStaysAsAnIncompleteItem() {
        List<ResponseEvent> events = fold(JobLogs.each().get("lost in spec"), false);
        JsonNode output = events.getLast().body().path("response").path("output");
        assertThat(output)
                .extracting(item -> item.path("status").asString())
                .containsExactly("incomplete", "completed", "completed");
        assertThat(events)
                .extracting(ResponseEvent::type)
                .filteredOn(type -> type.equals("response.queued") || type.endsWith("in_progress"))
                .containsExactly(
                        "response.queued",
                        "response.in_progress",
                        "response.queued",
                        "response.in_progress");
    }

    @Test
    void runsAreShownToWhoAsksForThem() {
        List<ResponseEvent> events = fold(JobLogs.each().get("repaired"), true);
        JsonNode output = events.getLast().body().path("response").path("output");
        assertThat(output)
                .extracting(item -> item.path("type").asString())
                .containsExactly(
                        "reasoning",
                        "code_interpreter_call",
                        "reasoning",
                        "code_interpreter_call",
                        "message");
        assertThat(output.get(3).path("outputs").get(0).path("logs").asString()).isEqualTo("ran 1");
    }

    @Test
    void aCancelledResponseEndsAsIncomplete() {
        List<ResponseEvent> events = fold(JobLogs.each().get("cancelled"), false);
        assertThat(events.getLast().type()).isEqualTo("response.incomplete");
        JsonNode response = events.getLast().body().path("response");
        assertThat(response.path("status").asString()).isEqualTo("cancelled");
        assertThat(response.path("completed_at").isNull()).isTrue();
    }

    @Test
    void aFailedResponseKeepsItsCodeAndSaysThatItIsNotVerified() {
        List<ResponseEvent> events = fold(JobLogs.each().get("failed"), false);
        assertThat(events.getLast().type()).isEqualTo("response.failed");
        JsonNode response = events.getLast().body().path("response");
        assertThat(response.path("error").path("code").asString()).isEqualTo("verification_failed");
        JsonNode message = response.path("output").get(2);
        assertThat(message.path("status").asString()).isEqualTo("incomplete");
        assertThat(message.path("content").get(0).path("text").asString())
                .endsWith("NOT VERIFIED: 3 of 12 tests failed.");
        assertThat(response.path("usage").path("total_tokens").asInt()).isEqualTo(30);
        assertThat(response.path("metadata").path("verification").asString())
                .contains("\"status\":\"failed\"", "\"evidence\":\"isolated\"");
        assertThat(response.path("metadata").path("who").asString()).isEqualTo("me");
        assertThat(response.path("metadata").has("openai")).isFalse();
    }

    @Test
    void aLongSpecificationIsCut() {
        List<ResponseEvent> events = fold(JobLogs.each().get("long"), false);
        JsonNode item = events.getLast().body().path("response").path("output").get(0);
        assertThat(item.path("summary").get(0).path("text").asString())
                .hasSize(OutputItems.MAX_PROGRESS_CHARS + 6)
                .endsWith("\n[cut]");
    }

    private interface OfLog {
        void check(List<JobEvent> log, boolean runs);
    }

    private static List<DynamicTest> eachLog(OfLog test) {
        List<DynamicTest> tests = new ArrayList<>();
        JobLogs.each()
                .forEach((name, log) -> {
                    for (boolean runs : new boolean[] {false, true}) {
                        String title = name + (runs ? ", with its runs" : "");
                        tests.add(DynamicTest.dynamicTest(title, () -> test.check(log, runs)));
                    }
                });
        return tests;
    }

    private static List<ResponseEvent> fold(List<JobEvent> log, boolean runs) {
        ResponseFold fold = new ResponseFold(head(runs), MADE);
        List<ResponseEvent> events = new ArrayList<>();
        JobLogs.logged(log).forEach(event -> events.addAll(fold.add(event)));
        return events;
    }

    private static ResponseHead head(boolean runs) {
        Map<String, Object> metadata =
                Map.of("who", "me", "openai", Map.of("code_interpreter", runs));
        JobInput input =
                new JobInput(
                        "prompt",
                        "python",
                        null,
                        metadata,
                        List.of(StageName.values()),
                        VerifyPolicy.REQUIRED,
                        null,
                        null,
                        null,
                        null,
                        2,
                        900,
                        null,
                        null);
        return new ResponseHead(
                new Job(
                        JobLogs.ID,
                        "default",
                        "trace",
                        new Job.Asked(Kind.GENERATE, Priority.NORMAL, input, 4, null, null),
                        new Job.Course(JobState.QUEUED, 0, 0, 0, null, false, 1),
                        new Job.Result(null),
                        new Job.Times(Instant.EPOCH, null, null, null, Instant.EPOCH)));
    }
}
