package dev.atomic.api.openai.fold;

import dev.atomic.api.verdict.Verdicts;
import dev.atomic.shared.Json;
import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.event.LoggedEvent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Turns a job's events into those of a response, one after the other from the first.
///
/// It knows nothing but the log, so whenever it is done it gives the same events with the same
/// numbers. A stream that begins at some point is a whole fold, of which the first part isn't sent.
///
/// Nothing can be taken back from a response. So the specification is told as it comes, and one
/// that is void stays as an incomplete item. Of code only the last round's is told, as soon as it
/// is known to be the last; rounds before it are told by what was wrong with them.
///
/// Used by one thread.
public final class ResponseFold {
    /// Most characters of what a program printed that a call of the interpreter tells: the last.
    private static final int MAX_LOGS = 64 << 10;

    /// Most characters of it in the summary of a round that failed.
    private static final int MAX_FAILURE = 2 << 10;

    private final ResponseHead head;
    private final Made made;
    private final OutputItems output;
    private final ObjectNode response;
    private final StringBuilder logs = new StringBuilder();
    private List<ResponseEvent> emitted = new ArrayList<>();
    private long next;

    private boolean hasCode = true;
    private boolean hasMessage;
    private @Nullable JsonNode verdict;

    ResponseFold(ResponseHead head, Made made) {
        this.head = head;
        this.made = made;
        this.response = head.toObject();
        this.output = new OutputItems(head.jobId(), this::emit);
    }

    /// The response after all events so far.
    public ObjectNode response() {
        ObjectNode copy = response.deepCopy();
        copy.set("output", output.soFar());
        return copy;
    }

    /// Characters of the texts it holds.
    public long chars() {
        return output.chars() + logs.length();
    }

    /// What the next event of the log means.
    public List<ResponseEvent> add(LoggedEvent event) {
        emitted = new ArrayList<>();
        switch (event.type()) {
            case "queued" -> {
                lifecycle("created", "queued");
                lifecycle("queued", "queued");
            }
            case "started" -> lifecycle("in_progress", "in_progress");
            case "retrying" -> {
                output.close("incomplete");
                lifecycle("queued", "queued");
            }
            case "stage_started" -> stageStarted(fields(event));
            case "chunk" -> chunk(fields(event));
            case "sandbox_output" -> printed(fields(event).path("text").asString(""));
            case "verification" -> verified(fields(event));
            case "stage_completed" -> stageCompleted(fields(event));
            case "stage_reset" -> stageReset(fields(event));
            case "succeeded" -> end(event, "completed", "completed");
            case "cancelled" -> end(event, "incomplete", "cancelled");
            case "failed" -> failed(event, fields(event).path("error"));
            default -> {
                // Later versions may log more.
            }
        }
        return emitted;
    }

    private static JsonNode fields(LoggedEvent event) {
        return Json.STORED.readTree(event.payload());
    }

    private static String stage(JsonNode event) {
        return event.path("stage").asString("");
    }

    private void stageStarted(JsonNode event) {
        switch (stage(event)) {
            case "code" -> hasCode = false;
            case "verify" -> {
                logs.setLength(0);
                if (head.showsRuns()) {
                    output.beginRun();
                }
            }
            // Code that didn't pass and isn't repaired: the job's policy lets it go on.
            case "docs" -> message(true);
            default -> {
                // its first chunk begins the summary
            }
        }
    }

    private void chunk(JsonNode event) {
        if (stage(event).equals("spec") && !event.path("reasoning").asBoolean(false)) {
            output.progress(event.path("delta").asString(""));
        }
    }

    private void printed(String text) {
        logs.append(text);
        if (logs.length() > 2 * MAX_LOGS) {
            logs.delete(0, logs.length() - MAX_LOGS);
        }
    }

    private void verified(JsonNode event) {
        verdict = event;
        ((ObjectNode) response.path("metadata")).put("verification", summary(event));
    }

    /// As JSON text, as values of metadata are texts.
    private static String summary(JsonNode verdict) {
        ObjectNode summary = Json.STORED.createObjectNode();
        for (String field :
                new String[] {
                    "status", "kind", "evidence", "tests", "score", "exit_code", "reason"
                }) {
            summary.set(field, verdict.path(field).isMissingNode() ? null : verdict.get(field));
        }
        return ResponseHead.cut(summary.toString());
    }

    private void stageCompleted(JsonNode event) {
        switch (stage(event)) {
            case "spec" -> output.close("completed");
            case "code" -> hasCode = true;
            case "verify" -> {
                output.endRun(tail(MAX_LOGS));
                if (event.path("status").asString("").equals("failed")) {
                    roundFailed(event.path("round").asInt(0));
                } else {
                    message(true);
                }
            }
            default -> {
                // documentation is no part of a response
            }
        }
    }

    private void roundFailed(int round) {
        String what = verdict == null ? "the code was not run" : Verdicts.words(verdict);
        String printed = tail(MAX_FAILURE).strip();
        output.progress(
                "Round "
                        + round
                        + " didn't pass: "
                        + what
                        + "."
                        + (printed.isEmpty() ? "" : "\n\n" + printed));
        output.close("completed");
    }

    private void stageReset(JsonNode event) {
        output.close("incomplete");
        if (stage(event).equals("code")) {
            hasCode = false;
        }
    }

    /// @param isWhole whether the response goes on or completes
    private void message(boolean isWhole) {
        if (hasMessage || !hasCode) {
            return;
        }
        List<Made.MadeFile> files = made.files();
        if (files.isEmpty()) {
            return;
        }
        hasMessage = true;
        output.message(
                FencedFiles.text(files, Verdicts.sentence(verdict)),
                isWhole ? "completed" : "incomplete");
    }

    private void failed(LoggedEvent event, JsonNode error) {
        String code = error.path("code").asString("internal");
        ObjectNode told = response.putObject("error");
        told.put("code", code).put("message", error.path("message").asString(""));
        end(event, "failed", "failed");
    }

    private void end(LoggedEvent event, String type, String status) {
        output.close("incomplete");
        boolean completed = status.equals("completed");
        message(completed);
        if (completed) {
            response.put("completed_at", event.at().getEpochSecond());
        }
        response.set("usage", usage(made.usage()));
        lifecycle(type, status);
    }

    private static ObjectNode usage(Usage usage) {
        ObjectNode node = Json.STORED.createObjectNode();
        node.put("input_tokens", usage.inputTokens());
        node.putObject("input_tokens_details").put("cached_tokens", 0);
        node.put("output_tokens", usage.outputTokens());
        node.putObject("output_tokens_details").put("reasoning_tokens", 0);
        node.put("total_tokens", usage.inputTokens() + usage.outputTokens());
        return node;
    }

    private String tail(int most) {
        int from = Math.max(0, logs.length() - most);
        if (from > 0 && Character.isLowSurrogate(logs.charAt(from))) {
            from++;
        }
        return logs.substring(from);
    }

    /// A client takes the response in it for all there is, so it has all that was told.
    private void lifecycle(String type, String status) {
        response.put("status", status);
        emit("response." + type, Json.STORED.createObjectNode().set("response", response()));
    }

    private void emit(String type, ObjectNode body) {
        body.put("type", type).put("sequence_number", next);
        emitted.add(new ResponseEvent(next++, type, body));
    }
}
