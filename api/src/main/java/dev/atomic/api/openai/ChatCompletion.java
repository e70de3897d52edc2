package dev.atomic.api.openai;

import dev.atomic.api.openai.fold.ResponseFolds;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.shared.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A chat completion made of a response. Pure.
///
/// A completion can't say that it failed, so one that did is an error. It isn't of the statuses
/// that clients try again: the job stays as it is.
final class ChatCompletion {
    private static final int FAILED = 422;
    private static final int UNFINISHED = 504;

    private ChatCompletion() {}

    /// @throws ProblemException when the response hasn't completed
    static ObjectNode of(JsonNode response) {
        if (!response.path("status").asString("").equals("completed")) {
            throw refusal(response);
        }
        StringBuilder reasoning = new StringBuilder();
        StringBuilder content = new StringBuilder();
        for (JsonNode item : response.path("output")) {
            for (JsonNode part : item.path("summary")) {
                reasoning.append(part.path("text").asString("")).append("\n\n");
            }
            for (JsonNode part : item.path("content")) {
                content.append(part.path("text").asString(""));
            }
        }
        ObjectNode completion = Json.STORED.createObjectNode();
        completion.put("id", ChatChunks.PREFIX + jobId(response));
        completion.put("object", "chat.completion");
        completion.set("created", response.path("created_at"));
        completion.set("model", response.path("model"));
        ObjectNode choice = completion.putArray("choices").addObject().put("index", 0);
        ObjectNode message = choice.putObject("message").put("role", "assistant");
        message.put("content", content.toString()).putNull("refusal");
        message.put("reasoning_content", reasoning.toString());
        choice.putNull("logprobs").put("finish_reason", "stop");
        completion.set("usage", usage(response));
        return completion;
    }

    static ObjectNode usage(JsonNode response) {
        JsonNode usage = response.path("usage");
        ObjectNode node = Json.STORED.createObjectNode();
        node.set("prompt_tokens", usage.path("input_tokens"));
        node.set("completion_tokens", usage.path("output_tokens"));
        node.set("total_tokens", usage.path("total_tokens"));
        return node;
    }

    /// Why there is no completion.
    static ProblemException refusal(JsonNode response) {
        String job = " The job is " + jobId(response) + ".";
        return switch (response.path("status").asString("")) {
            case "failed" -> {
                JsonNode error = response.path("error");
                yield new ProblemException(
                        FAILED,
                        error.path("code").asString(""),
                        error.path("message").asString("") + "." + job);
            }
            case "cancelled" ->
                    new ProblemException(FAILED, "cancelled", "The job was cancelled." + job);
            default ->
                    new ProblemException(
                            UNFINISHED, "unfinished", "The job hasn't finished yet." + job);
        };
    }

    private static String jobId(JsonNode response) {
        return ResponseFolds.withoutPrefix(response.path("id").asString(""));
    }
}
