package dev.atomic.api.openai.fold;

import dev.atomic.shared.Json;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The output of a response as it grows, and the events that tell of it. At most one item is open,
/// the last one. An item that was begun stays: clients hold the list by its places.
///
/// Used by one thread.
final class OutputItems {
    /// Longest text of an item that tells of progress.
    static final int MAX_PROGRESS_CHARS = 64 << 10;

    private static final String CUT = "\n[cut]";

    private final UUID jobId;
    private final BiConsumer<String, ObjectNode> emit;
    private final ArrayNode items = Json.STORED.createArrayNode();

    private @Nullable ObjectNode open;
    private final StringBuilder text = new StringBuilder();
    private boolean cut;
    private long chars;

    /// @param emit takes the type and the other fields of each event
    OutputItems(UUID jobId, BiConsumer<String, ObjectNode> emit) {
        this.jobId = jobId;
        this.emit = emit;
    }

    /// All there is so far, the open item too.
    ArrayNode soFar() {
        ArrayNode copy = items.deepCopy();
        if (open != null && isReasoning(open)) {
            ((ObjectNode) copy.get(items.size() - 1).path("summary").get(0))
                    .put("text", text.toString());
        }
        return copy;
    }

    /// Characters of all texts so far.
    long chars() {
        return chars;
    }

    /// Adds to the open summary of progress, or begins one.
    void progress(String delta) {
        if (open == null || !isReasoning(open)) {
            close("incomplete");
            beginReasoning();
        }
        if (cut || delta.isEmpty()) {
            return;
        }
        int room = MAX_PROGRESS_CHARS - text.length();
        cut = delta.length() > room;
        String told = cut ? whole(delta, room) + CUT : delta;
        text.append(told);
        chars += told.length();
        ObjectNode event = place(Json.STORED.createObjectNode()).put("summary_index", 0);
        emit.accept("response.reasoning_summary_text.delta", event.put("delta", told));
    }

    private static String whole(String text, int length) {
        boolean splitsPair = length > 0 && Character.isHighSurrogate(text.charAt(length - 1));
        return text.substring(0, splitsPair ? length - 1 : length);
    }

    private void beginReasoning() {
        ObjectNode item = begin("rs_", "reasoning");
        item.putArray("summary");
        added(item);
        ObjectNode part = Json.STORED.createObjectNode();
        part.put("type", "summary_text").put("text", "");
        item.withArray("summary").add(part);
        ObjectNode event = place(Json.STORED.createObjectNode()).put("summary_index", 0);
        event.set("part", part.deepCopy());
        emit.accept("response.reasoning_summary_part.added", event);
    }

    /// The one message, whole.
    void message(String content, String status) {
        close("incomplete");
        ObjectNode item = begin("msg_", "message");
        item.put("role", "assistant").putArray("content");
        added(item);
        emit.accept("response.content_part.added", inContent().set("part", part("")));
        for (String piece : Pieces.of(content)) {
            ObjectNode event = inContent().put("delta", piece);
            event.putArray("logprobs");
            emit.accept("response.output_text.delta", event);
        }
        ObjectNode event = inContent().put("text", content);
        event.putArray("logprobs");
        emit.accept("response.output_text.done", event);
        emit.accept("response.content_part.done", inContent().set("part", part(content)));
        item.withArray("content").add(part(content));
        chars += content.length();
        done(item, status);
    }

    private ObjectNode inContent() {
        return place(Json.STORED.createObjectNode()).put("content_index", 0);
    }

    private static ObjectNode part(String content) {
        ObjectNode part = Json.STORED.createObjectNode();
        part.put("type", "output_text").put("text", content);
        part.putArray("annotations");
        part.putArray("logprobs");
        return part;
    }

    /// A run in the sandbox begins.
    void beginRun() {
        close("incomplete");
        ObjectNode item = begin("ci_", "code_interpreter_call");
        item.put("container_id", "cntr_" + jobId).put("code", "").putArray("outputs");
        added(item);
        for (String step : new String[] {"in_progress", "interpreting"}) {
            emit.accept(
                    "response.code_interpreter_call." + step,
                    place(Json.STORED.createObjectNode()));
        }
    }

    /// The run in the sandbox has ended, if one was begun.
    void endRun(String logs) {
        ObjectNode item = open;
        if (item == null || !item.path("type").asString("").equals("code_interpreter_call")) {
            return;
        }
        emit.accept(
                "response.code_interpreter_call_code.done",
                place(Json.STORED.createObjectNode()).put("code", ""));
        emit.accept(
                "response.code_interpreter_call.completed", place(Json.STORED.createObjectNode()));
        item.withArray("outputs").addObject().put("type", "logs").put("logs", logs);
        chars += logs.length();
        done(item, "completed");
    }

    /// Ends the open item, if there is one.
    ///
    /// @param status `completed`, or `incomplete` when the rest of it won't come
    void close(String status) {
        ObjectNode item = open;
        if (item == null) {
            return;
        }
        if (isReasoning(item)) {
            ObjectNode part = (ObjectNode) item.path("summary").get(0);
            part.put("text", text.toString());
            ObjectNode event = place(Json.STORED.createObjectNode()).put("summary_index", 0);
            emit.accept("response.reasoning_summary_text.done", event.put("text", text.toString()));
            ObjectNode end = place(Json.STORED.createObjectNode()).put("summary_index", 0);
            emit.accept("response.reasoning_summary_part.done", end.set("part", part.deepCopy()));
        }
        done(item, status);
    }

    private ObjectNode begin(String prefix, String type) {
        ObjectNode item = items.addObject();
        item.put("id", prefix + jobId + "_" + (items.size() - 1));
        item.put("type", type).put("status", "in_progress");
        open = item;
        text.setLength(0);
        cut = false;
        return item;
    }

    private void added(ObjectNode item) {
        ObjectNode event = Json.STORED.createObjectNode().put("output_index", items.size() - 1);
        emit.accept("response.output_item.added", event.set("item", item.deepCopy()));
    }

    private void done(ObjectNode item, String status) {
        item.put("status", status);
        ObjectNode event = Json.STORED.createObjectNode().put("output_index", items.size() - 1);
        emit.accept("response.output_item.done", event.set("item", item.deepCopy()));
        open = null;
    }

    /// Where the open item stands.
    private ObjectNode place(ObjectNode event) {
        String id = items.get(items.size() - 1).path("id").asString("");
        return event.put("item_id", id).put("output_index", items.size() - 1);
    }

    private static boolean isReasoning(ObjectNode item) {
        return item.path("type").asString("").equals("reasoning");
    }
}
