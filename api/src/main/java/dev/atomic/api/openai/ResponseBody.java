package dev.atomic.api.openai;

import dev.atomic.api.openai.fold.ResponseFolds;
import dev.atomic.api.openai.fold.ResponseHead;
import dev.atomic.api.request.Query;
import dev.atomic.shared.Json;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The body of `POST /v1/responses`.
final class ResponseBody {
    static final Entrance.Shape SHAPE =
            new Entrance.Shape(
                    ResponseBody::read,
                    Map.of(
                            "prompt", "input",
                            "max_tokens", "max_output_tokens",
                            "previous_job_id", "previous_response_id",
                            "webhook.url", "metadata.webhook"));

    private static final Set<String> SERVED =
            Set.of(
                    "input",
                    "instructions",
                    "model",
                    "background",
                    "stream",
                    "store",
                    "metadata",
                    "previous_response_id",
                    "tools",
                    "tool_choice",
                    "max_output_tokens",
                    "temperature",
                    "text");

    /// Those that change how an answer is found or kept, but not what is asked.
    private static final Set<String> TUNING =
            Set.of(
                    "include",
                    "max_tool_calls",
                    "parallel_tool_calls",
                    "prompt_cache_key",
                    "prompt_cache_retention",
                    "reasoning",
                    "safety_identifier",
                    "service_tier",
                    "stream_options",
                    "top_logprobs",
                    "top_p",
                    "truncation",
                    "user",
                    "presence_penalty",
                    "frequency_penalty");

    /// What the model said or did before, which an SDK sends back with the next input.
    private static final Set<String> ECHOES = Set.of("reasoning", "code_interpreter_call");

    private ResponseBody() {}

    private static Asked read(JsonNode json) {
        Parameters body = Parameters.of(json, SERVED, TUNING);
        Conversation conversation = new Conversation();
        String instructions = body.text("instructions");
        if (instructions != null) {
            conversation.instruct(instructions);
        }
        input(body.node("input"), conversation);
        ObjectNode job = body.job(conversation, "input");
        if (body.has("max_output_tokens")) {
            job.set("max_tokens", body.node("max_output_tokens"));
        }
        String previous = body.text("previous_response_id");
        if (previous != null) {
            job.put("previous_job_id", ResponseFolds.withoutPrefix(previous));
        }
        checkText(body.object("text"));
        boolean background = body.flag("background", false);
        ObjectNode ours = Json.STORED.createObjectNode();
        ours.put("background", background).put("store", body.flag("store", true));
        ours.put("code_interpreter", hasInterpreter(body));
        ((ObjectNode) job.path("metadata")).set(ResponseHead.OURS, ours);
        JsonNode webhook = body.node("metadata").path("webhook");
        if (webhook.isString()) {
            job.putObject("webhook").set("url", webhook);
        }
        return new Asked(job, new Asked.Wants(body.flag("stream", false), background, false));
    }

    private static void input(JsonNode input, Conversation conversation) {
        if (input.isString()) {
            conversation.ask(input.stringValue());
            return;
        }
        if (!input.isArray()) {
            throw Query.wrong("input", "must be a string or a list of messages");
        }
        for (int i = 0; i < input.size(); i++) {
            JsonNode item = input.get(i);
            String type = item.path("type").asString("message");
            if (type.equals("message")) {
                conversation.add(item, "input[" + i + "]");
            } else if (!ECHOES.contains(type)) {
                throw Query.wrong("input[" + i + "].type", "isn't served unless it is message");
            }
        }
    }

    private static void checkText(JsonNode text) {
        JsonNode format = text.path("format");
        if (!format.isMissingNode() && (!format.isObject() || !Parameters.isText(format))) {
            throw Query.wrong("text.format", "isn't served unless its type is text");
        }
    }

    private static boolean hasInterpreter(Parameters body) {
        JsonNode tools = body.node("tools");
        if (body.has("tools") && !tools.isArray()) {
            throw Query.wrong("tools", "must be a list");
        }
        for (int i = 0; i < tools.size(); i++) {
            if (!tools.get(i).path("type").asString("").equals("code_interpreter")) {
                throw Query.wrong(
                        "tools[" + i + "].type", "isn't served unless it is code_interpreter");
            }
            if (!tools.get(i).path("container").path("file_ids").isEmpty()) {
                throw Query.wrong("tools[" + i + "].container.file_ids", "isn't served");
            }
        }
        JsonNode choice = body.node("tool_choice");
        boolean free =
                !body.has("tool_choice")
                        || choice.path("type").asString("").equals("code_interpreter")
                        || Set.of("auto", "none", "required").contains(choice.asString(""));
        if (!free) {
            throw Query.wrong("tool_choice", "names a tool that isn't served");
        }
        return !tools.isEmpty() && !choice.asString("").equals("none");
    }
}
