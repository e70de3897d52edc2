package dev.atomic.api.openai.fold;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Builds a response out of its events as OpenAI's clients do, and is as strict: what is out of
/// place ends it.
final class Accumulator {
    private static final Set<String> LIFECYCLE =
            Set.of("created", "queued", "in_progress", "completed", "failed", "incomplete");

    private ObjectNode response;
    private final Set<String> ids = new HashSet<>();
    private long next;

    static ObjectNode of(List<ResponseEvent> events) {
        Accumulator accumulator = new Accumulator();
        events.forEach(accumulator::take);
        return accumulator.response;
    }

    ObjectNode response() {
        return response;
    }

    void take(ResponseEvent event) {
        ObjectNode body = event.body();
        assertThat(event.number()).isEqualTo(next++);
        assertThat(body.path("sequence_number").asLong()).isEqualTo(event.number());
        assertThat(body.path("type").asString()).isEqualTo(event.type());
        assertThat(body.has("error")).isFalse();
        String type = event.type().substring("response.".length());
        if (LIFECYCLE.contains(type)) {
            replace(type, (ObjectNode) body.get("response"));
            return;
        }
        assertThat(response).as("what comes first is response.created").isNotNull();
        switch (type) {
            case "output_item.added" -> {
                assertThat(body.path("output_index").asInt()).isEqualTo(output().size());
                assertThat(ids.add(body.path("item").path("id").asString())).isTrue();
                output().add(body.get("item").deepCopy());
            }
            case "output_item.done" -> {
                int index = body.path("output_index").asInt();
                assertThat(body.path("item").path("id")).isEqualTo(output().get(index).get("id"));
                output().set(index, body.get("item").deepCopy());
            }
            case "content_part.added" ->
                    item(body, "message").withArray("content").add(body.get("part").deepCopy());
            case "content_part.done" ->
                    item(body, "message").withArray("content").set(0, body.get("part").deepCopy());
            case "output_text.delta" -> append(item(body, "message"), "content", body);
            case "output_text.done" ->
                    assertThat(text(item(body, "message"), "content"))
                            .isEqualTo(body.path("text").asString());
            case "reasoning_summary_part.added" ->
                    item(body, "reasoning").withArray("summary").add(body.get("part").deepCopy());
            case "reasoning_summary_part.done" ->
                    item(body, "reasoning")
                            .withArray("summary")
                            .set(0, body.get("part").deepCopy());
            case "reasoning_summary_text.delta" -> append(item(body, "reasoning"), "summary", body);
            case "reasoning_summary_text.done" ->
                    assertThat(text(item(body, "reasoning"), "summary"))
                            .isEqualTo(body.path("text").asString());
            case "code_interpreter_call.in_progress",
                    "code_interpreter_call.interpreting",
                    "code_interpreter_call.completed",
                    "code_interpreter_call_code.done" ->
                    assertThat(item(body, "code_interpreter_call")).isNotNull();
            default -> throw new AssertionError("no client knows " + event.type());
        }
    }

    private void replace(String type, ObjectNode carried) {
        if (response == null) {
            assertThat(type).isEqualTo("created");
        } else {
            assertThat(carried.get("output")).isEqualTo(response.get("output"));
        }
        response = carried.deepCopy();
    }

    private ArrayNode output() {
        return (ArrayNode) response.get("output");
    }

    private ObjectNode item(ObjectNode body, String type) {
        ObjectNode item = (ObjectNode) output().get(body.path("output_index").asInt());
        assertThat(item.path("id").asString()).isEqualTo(body.path("item_id").asString());
        assertThat(item.path("type").asString()).isEqualTo(type);
        return item;
    }

    private static String text(ObjectNode item, String list) {
        return item.path(list).get(0).path("text").asString();
    }

    private static void append(ObjectNode item, String list, ObjectNode body) {
        ((ObjectNode) item.path(list).get(0))
                .put("text", text(item, list) + body.path("delta").asString());
    }
}
