package dev.atomic.api.openai.fold;

import dev.atomic.shared.Json;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobInput;
import dev.atomic.shared.webhook.WebhookBody;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What of a response never changes: who asked, and for what.
public final class ResponseHead {
    /// Before a job's id, so that it reads as OpenAI's ids do.
    public static final String PREFIX = "resp_";

    /// The model that a request names to leave the choice to us.
    public static final String ANY_MODEL = "atomic";

    /// Where a job's metadata holds what only these routes know of.
    public static final String OURS = WebhookBody.RESPONSE;

    /// Longest value of metadata that OpenAI's clients expect.
    private static final int MAX_VALUE = 512;

    private final Job job;
    private final JsonNode ours;

    public ResponseHead(Job job) {
        this.job = job;
        this.ours =
                Json.STORED.valueToTree(
                        job.asked().input().metadata().getOrDefault(OURS, Map.of()));
    }

    public UUID jobId() {
        return job.id();
    }

    public String model() {
        String model = job.asked().input().model();
        return model == null ? ANY_MODEL : model;
    }

    /// Seconds since 1970.
    public long createdAt() {
        return job.times().createdAt().getEpochSecond();
    }

    /// Whether the sandbox's runs are to be shown as calls of the code interpreter.
    public boolean showsRuns() {
        return ours.path("code_interpreter").asBoolean(false);
    }

    /// The object with every field that OpenAI's has. Those that change have the values of a
    /// response that has just been created.
    public ObjectNode toObject() {
        JobInput input = job.asked().input();
        ObjectNode object = Json.STORED.createObjectNode();
        object.put("id", PREFIX + job.id());
        object.put("object", "response");
        object.put("created_at", createdAt());
        object.putNull("completed_at");
        object.put("status", "queued");
        object.put("background", ours.path("background").asBoolean(false));
        object.putNull("error");
        object.putNull("incomplete_details");
        object.put("instructions", input.instructions());
        object.put("max_output_tokens", input.maxTokens());
        object.putNull("max_tool_calls");
        object.put("model", model());
        object.putArray("output");
        object.put("parallel_tool_calls", true);
        object.put("previous_response_id", prefixed(job.asked().previousJobId()));
        object.putNull("prompt_cache_key");
        object.putObject("reasoning").putNull("effort").putNull("summary");
        object.putNull("safety_identifier");
        object.put("service_tier", "default");
        object.put("store", ours.path("store").asBoolean(true));
        Double temperature = input.temperature();
        object.put("temperature", temperature == null ? 1.0 : temperature);
        object.putObject("text").putObject("format").put("type", "text");
        object.put("tool_choice", "auto");
        if (showsRuns()) {
            ObjectNode tool = object.putArray("tools").addObject();
            tool.put("type", "code_interpreter").putObject("container").put("type", "auto");
        } else {
            object.putArray("tools");
        }
        object.put("top_logprobs", 0);
        object.put("top_p", 1.0);
        object.put("presence_penalty", 0.0);
        object.put("frequency_penalty", 0.0);
        object.put("truncation", "disabled");
        object.putNull("usage");
        object.putNull("user");
        object.set("metadata", metadata());
        return object;
    }

    private ObjectNode metadata() {
        ObjectNode metadata = Json.STORED.createObjectNode();
        job.asked()
                .input()
                .metadata()
                .forEach((name, value) -> {
                    if (!name.equals(OURS)) {
                        metadata.put(
                                name, cut(value instanceof String text ? text : Json.write(value)));
                    }
                });
        return metadata;
    }

    public static String cut(String value) {
        if (value.length() <= MAX_VALUE) {
            return value;
        }
        boolean splitsPair = Character.isHighSurrogate(value.charAt(MAX_VALUE - 1));
        return value.substring(0, splitsPair ? MAX_VALUE - 1 : MAX_VALUE);
    }

    private static @Nullable String prefixed(@Nullable UUID id) {
        return id == null ? null : PREFIX + id;
    }
}
