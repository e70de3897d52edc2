package dev.atomic.api.mcp;

import dev.atomic.shared.Json;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The tools that the protocol's conformance tests call, by the names they have there. Those that
/// take time are jobs of ours.
@Component
@Profile(ConformanceTools.PROFILE)
final class ConformanceTools implements Toolbox {
    static final String PROFILE = "mcp-conformance";

    private static final String PIXEL =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    private static final String IMAGE =
            "{\"type\":\"image\",\"mimeType\":\"image/png\",\"data\":\"" + PIXEL + "\"}";

    private static final String EMBEDDED =
            """
            {"type":"resource","resource":{"uri":"test://embedded","mimeType":"text/plain","text":"embedded"}}\
            """;

    /// Content that is the same at each call.
    private static final Map<String, String> FIXED =
            Map.of(
                    "test_simple_text",
                    text("This is a simple text response for testing."),
                    "test_image_content",
                    IMAGE,
                    "test_audio_content",
                    "{\"type\":\"audio\",\"mimeType\":\"audio/wav\",\"data\":\"UklGRg==\"}",
                    "test_embedded_resource",
                    EMBEDDED,
                    "test_multiple_content_types",
                    text("one of each") + "," + IMAGE + "," + EMBEDDED,
                    "test_logging_tool",
                    text("nothing was logged"),
                    "test_streaming_elicitation",
                    text("nothing was asked"));

    private final Tools tools;

    ConformanceTools(Tools tools) {
        this.tools = tools;
    }

    @Override
    public List<ObjectNode> listed() {
        return Stream.concat(
                        FIXED.keySet().stream().sorted(),
                        Stream.of(
                                "test_error_handling",
                                "test_tool_with_progress",
                                "test_missing_capability",
                                "greet",
                                "slow_compute",
                                "confirm_delete",
                                "failing_job"))
                .map(ConformanceTools::listed)
                .toList();
    }

    private static ObjectNode listed(String name) {
        ObjectNode tool = Json.STORED.createObjectNode().put("name", name);
        tool.put("description", "of the conformance tests");
        tool.putObject("inputSchema").put("type", "object");
        return tool;
    }

    @Override
    public @Nullable Call prepare(String name, JsonNode arguments, Message message)
            throws RpcError {
        String fixed = FIXED.get(name);
        if (fixed != null) {
            return _ -> content(fixed);
        }
        return switch (name) {
            case "test_error_handling" ->
                    _ -> content(text("This tool always fails")).put("isError", true);
            case "test_tool_with_progress" ->
                    reply -> {
                        for (String step : new String[] {"begun", "half", "done"}) {
                            reply.progress(step);
                        }
                        return content(text("done"));
                    };
            case "test_missing_capability" -> {
                ObjectNode sampling = Json.STORED.createObjectNode();
                sampling.putObject("sampling");
                throw RpcError.missingCapability(sampling);
            }
            case "greet" ->
                    _ -> content(text("Hello, " + arguments.path("name").asString("") + "!"));
            case "slow_compute" ->
                    job("plain after " + arguments.path("seconds").asInt(0) + " s", message);
            // Our tasks never ask for anything, this one too; what it is told is accepted.
            case "confirm_delete" -> job("plain", message);
            case "failing_job" -> {
                if (!message.envelope().takesTasks()) {
                    throw RpcError.missingCapability(Message.requiredTasks());
                }
                yield job("failed after 1 s", message);
            }
            default -> null;
        };
    }

    private Call job(String prompt, Message message) {
        ObjectNode arguments = Json.STORED.createObjectNode().put("prompt", prompt);
        return Objects.requireNonNull(tools.prepare("generate_code", arguments, message));
    }

    private static String text(String text) {
        return "{\"type\":\"text\",\"text\":\"" + text + "\"}";
    }

    private static ObjectNode content(String items) {
        return (ObjectNode) Json.STORED.readTree("{\"content\":[" + items + "]}");
    }
}
