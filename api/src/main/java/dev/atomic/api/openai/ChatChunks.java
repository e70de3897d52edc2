package dev.atomic.api.openai;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.atomic.api.openai.fold.ResponseEvent;
import dev.atomic.api.openai.fold.ResponseHead;
import dev.atomic.api.problem.OpenAiProblem;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.shared.Json;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Makes the chunks of a chat completion of a response's events: what tells of progress becomes
/// `reasoning_content`, the message `content`.
///
/// Used by one thread.
final class ChatChunks implements ResponseStreams.Wire {
    static final String PREFIX = "chatcmpl-";

    private final ResponseHead head;
    private final boolean includeUsage;

    ChatChunks(ResponseHead head, boolean includeUsage) {
        this.head = head;
        this.includeUsage = includeUsage;
    }

    @Override
    public byte[] of(ResponseEvent event) {
        JsonNode body = event.body();
        return switch (event.type()) {
            case "response.created" -> {
                ObjectNode delta = Json.STORED.createObjectNode().put("role", "assistant");
                yield chunk(delta.put("content", ""), null);
            }
            case "response.reasoning_summary_text.delta" ->
                    chunk(delta("reasoning_content", body.path("delta")), null);
            case "response.reasoning_summary_text.done" ->
                    chunk(delta("reasoning_content", Json.STORED.valueToTree("\n\n")), null);
            case "response.output_text.delta" -> chunk(delta("content", body.path("delta")), null);
            case "response.completed" -> end(body.path("response"));
            case "response.failed", "response.incomplete" ->
                    line(error(ChatCompletion.refusal(body.path("response"))));
            default -> new byte[0];
        };
    }

    /// Clients throw at it, as they do at an answer of this kind.
    private static JsonNode error(ProblemException refusal) {
        return Json.STORED.valueToTree(OpenAiProblem.of(refusal));
    }

    private byte[] end(JsonNode response) {
        byte[] last = chunk(Json.STORED.createObjectNode(), "stop");
        if (!includeUsage) {
            return last;
        }
        ObjectNode usage = begin();
        usage.putArray("choices");
        usage.set("usage", ChatCompletion.usage(response));
        byte[] more = line(usage);
        byte[] both = Arrays.copyOf(last, last.length + more.length);
        System.arraycopy(more, 0, both, last.length, more.length);
        return both;
    }

    private static ObjectNode delta(String field, JsonNode text) {
        return Json.STORED.createObjectNode().set(field, text);
    }

    private byte[] chunk(ObjectNode delta, @Nullable String finishReason) {
        ObjectNode chunk = begin();
        ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
        choice.set("delta", delta);
        choice.putNull("logprobs").put("finish_reason", finishReason);
        if (includeUsage) {
            chunk.putNull("usage");
        }
        return line(chunk);
    }

    private ObjectNode begin() {
        ObjectNode chunk = Json.STORED.createObjectNode().put("id", PREFIX + head.jobId());
        chunk.put("object", "chat.completion.chunk").put("created", head.createdAt());
        return chunk.put("model", head.model());
    }

    private static byte[] line(JsonNode data) {
        return ("data: " + Json.write(data) + "\n\n").getBytes(UTF_8);
    }
}
