package dev.atomic.api.openai;

import dev.atomic.api.request.Query;
import dev.atomic.shared.Json;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.ObjectNode;

/// The body of `POST /v1/chat/completions`.
final class ChatBody {
    static final Entrance.Shape SHAPE =
            new Entrance.Shape(
                    ChatBody::read,
                    Map.of("prompt", "messages", "max_tokens", "max_completion_tokens"));

    private static final Set<String> SERVED =
            Set.of(
                    "messages",
                    "model",
                    "stream",
                    "stream_options",
                    "max_tokens",
                    "max_completion_tokens",
                    "temperature",
                    "metadata",
                    "n",
                    "response_format",
                    "modalities",
                    "tools",
                    "functions",
                    "store");

    /// Those that change how an answer is found or told, but not what is asked.
    private static final Set<String> TUNING =
            Set.of(
                    "frequency_penalty",
                    "logit_bias",
                    "parallel_tool_calls",
                    "presence_penalty",
                    "prediction",
                    "prompt_cache_key",
                    "prompt_cache_retention",
                    "reasoning_effort",
                    "safety_identifier",
                    "seed",
                    "service_tier",
                    "top_p",
                    "user",
                    "verbosity",
                    "tool_choice",
                    "function_call");

    private ChatBody() {}

    private static Asked read(JsonNode json) {
        Parameters body = Parameters.of(json, SERVED, TUNING);
        Conversation conversation = new Conversation();
        JsonNode messages = body.node("messages");
        if (!messages.isArray()) {
            throw Query.wrong("messages", "must be a list of messages");
        }
        for (int i = 0; i < messages.size(); i++) {
            conversation.add(messages.get(i), "messages[" + i + "]");
        }
        body.only("n", IntNode.valueOf(1));
        refuseUnlessEmpty(body, "tools");
        refuseUnlessEmpty(body, "functions");
        body.only("modalities", Json.STORED.createArrayNode().add("text"));
        if (!Parameters.isText(body.object("response_format"))) {
            throw Query.wrong("response_format", "isn't served unless its type is text");
        }
        // Jobs are kept in any case, and found by their ids.
        body.flag("store", false);
        ObjectNode job = body.job(conversation, "messages");
        for (String name : new String[] {"max_tokens", "max_completion_tokens"}) {
            if (body.has(name)) {
                job.set("max_tokens", body.node(name));
            }
        }
        boolean usage = includesUsage(body.object("stream_options"));
        return new Asked(job, new Asked.Wants(body.flag("stream", false), false, usage));
    }

    private static boolean includesUsage(JsonNode options) {
        JsonNode usage = options.path("include_usage");
        if (!usage.isMissingNode() && !usage.isNull() && !usage.isBoolean()) {
            throw Query.wrong("stream_options.include_usage", "must be true or false");
        }
        return usage.isBoolean() && usage.booleanValue();
    }

    private static void refuseUnlessEmpty(Parameters body, String name) {
        if (body.has(name) && !(body.node(name).isArray() && body.node(name).isEmpty())) {
            throw Query.wrong(name, "isn't served; leave it out");
        }
    }
}
