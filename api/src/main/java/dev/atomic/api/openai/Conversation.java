package dev.atomic.api.openai;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.request.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Makes a job's prompt and instructions of the messages of a request.
///
/// The last message of the user is the prompt. What was said before it stands above it, so that the
/// model knows what it is about. What the system or the developer says are instructions.
final class Conversation {
    private static final Set<String> TEXT_PARTS = Set.of("text", "input_text", "output_text");

    private record Turn(String role, String text) {}

    private final List<Turn> turns = new ArrayList<>();
    private final List<String> instructions = new ArrayList<>();

    void instruct(String text) {
        instructions.add(text);
    }

    void ask(String text) {
        turns.add(new Turn("user", text));
    }

    /// @param name the field, for the refusal
    void add(JsonNode message, String name) {
        String role = message.path("role").asString("");
        String text = text(message.path("content"), name + ".content");
        switch (role) {
            case "user", "assistant" -> turns.add(new Turn(role, text));
            case "system", "developer" -> instruct(text);
            default ->
                    throw Query.wrong(
                            name + ".role", "must be user, assistant, system or developer");
        }
    }

    private static String text(JsonNode content, String name) {
        if (content.isString()) {
            return content.stringValue();
        }
        if (!content.isArray()) {
            throw Query.wrong(name, "must be a string or a list of parts");
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < content.size(); i++) {
            JsonNode part = content.get(i);
            String type = part.path("type").asString("");
            String where = name + "[" + i + "]";
            if (!TEXT_PARTS.contains(type)) {
                throw Query.wrong(where + ".type", "isn't served unless it is text");
            }
            if (!part.path("text").isString()) {
                throw Query.wrong(where + ".text", "must be a string");
            }
            text.append(text.isEmpty() ? "" : "\n").append(part.path("text").stringValue());
        }
        return text.toString();
    }

    /// @param name the field, for the refusal
    /// @throws ProblemException when it doesn't end with the user
    String prompt(String name) {
        if (turns.isEmpty() || !turns.getLast().role().equals("user")) {
            throw Query.wrong(name, "must end with a message of the user");
        }
        if (turns.size() == 1) {
            return turns.getFirst().text();
        }
        StringBuilder prompt = new StringBuilder("What was said before:\n\n");
        for (Turn turn : turns.subList(0, turns.size() - 1)) {
            prompt.append(turn.role()).append(": ").append(turn.text()).append("\n\n");
        }
        return prompt.append("What is asked now:\n\n").append(turns.getLast().text()).toString();
    }

    /// @return null for none
    @Nullable String instructions() {
        return instructions.isEmpty() ? null : String.join("\n\n", instructions);
    }
}
