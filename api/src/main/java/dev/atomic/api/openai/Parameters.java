package dev.atomic.api.openai;

import dev.atomic.api.openai.fold.ResponseHead;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.ProblemException.FieldError;
import dev.atomic.api.request.Query;
import dev.atomic.shared.Json;
import dev.atomic.shared.problem.ProblemCode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// What both shapes of requests have in common: reading their parameters, refusing what would
/// change the meaning and isn't served, and naming a job's fields as the client named them.
final class Parameters {
    private static final int MAX_METADATA_KEYS = 16;

    private final JsonNode body;

    private Parameters(JsonNode body) {
        this.body = body;
    }

    /// @param served those that are read
    /// @param tuning those that only tune, and so may be passed over
    /// @throws ProblemException naming the first parameter that is neither
    static Parameters of(JsonNode body, Set<String> served, Set<String> tuning) {
        if (!body.isObject()) {
            throw new ProblemException(
                    ProblemCode.INVALID_REQUEST, "The body must be a JSON object.");
        }
        for (String name : body.propertyNames()) {
            if (!served.contains(name) && !tuning.contains(name) && !body.get(name).isNull()) {
                throw Query.wrong(name, "isn't served here; leave it out");
            }
        }
        return new Parameters(body);
    }

    JsonNode node(String name) {
        return body.path(name);
    }

    boolean has(String name) {
        return !node(name).isMissingNode() && !node(name).isNull();
    }

    boolean flag(String name, boolean byDefault) {
        if (!has(name)) {
            return byDefault;
        }
        if (!node(name).isBoolean()) {
            throw Query.wrong(name, "must be true or false");
        }
        return node(name).booleanValue();
    }

    @Nullable String text(String name) {
        if (!has(name)) {
            return null;
        }
        if (!node(name).isString()) {
            throw Query.wrong(name, "must be a string");
        }
        return node(name).stringValue();
    }

    /// @return missing when absent
    /// @throws ProblemException when it is there and isn't an object
    JsonNode object(String name) {
        if (has(name) && !node(name).isObject()) {
            throw Query.wrong(name, "must be an object");
        }
        return has(name) ? node(name) : MissingNode.getInstance();
    }

    /// What doesn't say its type is text.
    static boolean isText(JsonNode format) {
        return !format.has("type") || format.get("type").equals(StringNode.valueOf("text"));
    }

    /// @throws ProblemException unless it is absent or has this value
    void only(String name, JsonNode value) {
        if (has(name) && !node(name).equals(value)) {
            throw Query.wrong(name, "isn't served unless it is " + value);
        }
    }

    /// The job's body, with what both shapes ask alike: model, temperature and metadata.
    ObjectNode job(Conversation conversation, String input) {
        ObjectNode job = Json.STORED.createObjectNode();
        job.put("prompt", conversation.prompt(input));
        String instructions = conversation.instructions();
        if (instructions != null && !instructions.isBlank()) {
            job.put("instructions", instructions);
        }
        String model = text("model");
        if (model != null && !model.equals(ResponseHead.ANY_MODEL)) {
            job.put("model", model);
        }
        if (has("temperature")) {
            job.set("temperature", node("temperature"));
        }
        job.set("metadata", metadata());
        if (node("metadata").path("allow_unverified").asString("").equals("true")) {
            job.putObject("verify").put("policy", "best_effort");
        }
        return job;
    }

    private ObjectNode metadata() {
        ObjectNode metadata = Json.STORED.createObjectNode();
        if (!has("metadata")) {
            return metadata;
        }
        if (!node("metadata").isObject()) {
            throw Query.wrong("metadata", "must be an object");
        }
        if (node("metadata").size() > MAX_METADATA_KEYS) {
            throw Query.wrong("metadata", "may have " + MAX_METADATA_KEYS + " keys");
        }
        for (Map.Entry<String, JsonNode> each : node("metadata").properties()) {
            if (!each.getValue().isString()) {
                throw Query.wrong("metadata." + each.getKey(), "must be a string");
            }
            if (each.getKey().equals(ResponseHead.OURS)) {
                throw Query.wrong("metadata." + each.getKey(), "is a name that is taken");
            }
            metadata.set(each.getKey(), each.getValue());
        }
        return metadata;
    }

    /// The refusal of a job's body, in the names that the client used.
    ///
    /// @param names of a job's fields, where the client has others
    static ProblemException renamed(ProblemException refusal, Map<String, String> names) {
        if (refusal.errors().isEmpty()) {
            return refusal;
        }
        List<FieldError> errors =
                refusal.errors().stream()
                        .map(error ->
                                new FieldError(
                                        names.getOrDefault(error.field(), error.field()),
                                        error.message()))
                        .toList();
        FieldError first = refusal.errors().getFirst();
        String detail = refusal.detail();
        if (detail.startsWith(first.field() + " ")) {
            detail = errors.getFirst().field() + detail.substring(first.field().length());
        }
        return new ProblemException(refusal, detail, errors);
    }
}
