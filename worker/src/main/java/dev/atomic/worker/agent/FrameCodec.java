package dev.atomic.worker.agent;

import dev.atomic.shared.Json;
import dev.atomic.shared.job.FailureCode;
import java.io.Serial;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Frames to bytes and back: one JSON object a line, UTF-8, at most 16 MiB, `{id, type, timestamp,
/// payload}`. Pure: no I/O. The Python side reads the same golden files.
///
/// Thread-safe.
public final class FrameCodec {
    /// Longest line, its newline not counted: bytes.
    public static final int MAX_BYTES = 16 * 1024 * 1024;

    /// A count beyond this isn't taken for one. Sums of such counts fit the database's numbers.
    private static final long MAX_COUNT = 1_000_000_000_000L;

    /// Longest names, as the database takes them.
    private static final int MAX_MODEL_CHARS = 256;

    private static final int MAX_PROVIDER_CHARS = 64;

    private static final int REQUEST = 0;
    private static final int RESPONSE = 1;
    private static final int STREAM_CHUNK = 2;
    private static final int ERROR = 3;
    private static final int HEALTH_CHECK = 4;
    private static final int HEALTH_RESPONSE = 5;
    private static final int CANCEL = 6;

    private FrameCodec() {}

    /// A line that isn't a frame: the connection can't be trusted any more.
    public static final class BrokenFrame extends Exception {
        @Serial private static final long serialVersionUID = 1L;

        BrokenFrame(String message) {
            super(message);
        }
    }

    static byte[] request(String id, long timestamp, AgentRequest request) {
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("request_id", id);
        payload.put("request_type", request.requestType());
        payload.put("prompt", request.prompt());
        payload.put("stream", true);
        payload.put("metadata", request.metadata());
        putIfKnown(payload, "model", request.model());
        putIfKnown(payload, "max_tokens", request.maxTokens());
        putIfKnown(payload, "temperature", request.temperature());
        return line(id, REQUEST, timestamp, payload);
    }

    static byte[] cancel(String id, long timestamp) {
        return line(id, CANCEL, timestamp, Map.of("request_id", id));
    }

    static byte[] healthCheck(String id, long timestamp) {
        return line(id, HEALTH_CHECK, timestamp, Map.of());
    }

    private static void putIfKnown(
            Map<String, Object> payload, String name, @Nullable Object value) {
        if (value != null) {
            payload.put(name, value);
        }
    }

    private static byte[] line(String id, int type, long timestamp, Map<String, Object> payload) {
        Map<String, Object> frame = new LinkedHashMap<>();
        frame.put("id", id);
        frame.put("type", type);
        frame.put("timestamp", timestamp);
        frame.put("payload", payload);
        return (Json.write(frame) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /// @param line without its newline
    /// @throws BrokenFrame when it isn't a frame an agent may send
    static Frame decode(byte[] line) throws BrokenFrame {
        JsonNode frame;
        try {
            frame = Json.STORED.readTree(line);
        } catch (JacksonException e) {
            throw new BrokenFrame("a line from the agent is not JSON");
        }
        JsonNode id = frame.path("id");
        JsonNode payload = frame.path("payload");
        if (!frame.isObject() || !id.isString() || !payload.isObject()) {
            throw new BrokenFrame("a line from the agent is not a frame");
        }
        JsonNode type = frame.path("type");
        return switch (type.isInt() ? type.intValue() : -1) {
            case RESPONSE ->
                    new Frame.Response(
                            id.stringValue(),
                            text(payload, "content", ""),
                            name(payload, "model", MAX_MODEL_CHARS),
                            name(payload, "provider", MAX_PROVIDER_CHARS),
                            tokens(payload));
            case STREAM_CHUNK ->
                    new Frame.StreamChunk(
                            id.stringValue(),
                            text(payload, "delta", ""),
                            flag(payload, "reasoning"),
                            flag(payload, "is_final"),
                            name(payload, "model", MAX_MODEL_CHARS),
                            name(payload, "provider", MAX_PROVIDER_CHARS),
                            tokens(payload));
            case ERROR -> error(id.stringValue(), payload);
            case HEALTH_RESPONSE ->
                    new Frame.Health(
                            id.stringValue(),
                            text(payload, "status", ""),
                            flag(payload, "multiplex"),
                            ProviderFields.read(payload.path("providers")));
            default -> throw new BrokenFrame("a frame from the agent has an unknown type");
        };
    }

    private static Frame.Failed error(String id, JsonNode payload) {
        return new Frame.Failed(
                id,
                FailureCode.ofAgent(text(payload, "code", "")),
                text(payload, "message", "the agent gave no reason"),
                flag(payload, "retryable"),
                count(payload, "retry_after_ms"),
                name(payload, "model", MAX_MODEL_CHARS),
                name(payload, "provider", MAX_PROVIDER_CHARS),
                tokens(payload));
    }

    private static Frame.Tokens tokens(JsonNode payload) {
        JsonNode cost = payload.path("cost_usd");
        boolean known = cost.isNumber() && cost.doubleValue() >= 0 && cost.doubleValue() < 1e9;
        return new Frame.Tokens(
                count(payload, "input_tokens"),
                count(payload, "output_tokens"),
                known ? cost.doubleValue() : null,
                flag(payload, "estimated"));
    }

    /// A field of the wrong type counts as absent.
    static boolean flag(JsonNode payload, String name) {
        JsonNode value = payload.path(name);
        return value.isBoolean() && value.booleanValue();
    }

    static @Nullable Long count(JsonNode payload, String name) {
        JsonNode value = payload.path(name);
        boolean readable = value.isIntegralNumber() && value.canConvertToLong();
        return readable && value.longValue() >= 0 && value.longValue() <= MAX_COUNT
                ? value.longValue()
                : null;
    }

    static String text(JsonNode payload, String name, String byDefault) {
        JsonNode value = payload.path(name);
        return value.isString() ? withoutNull(value.stringValue()) : byDefault;
    }

    static @Nullable String nullable(JsonNode payload, String name) {
        JsonNode value = payload.path(name);
        return value.isString() ? withoutNull(value.stringValue()) : null;
    }

    /// One that is too long counts as absent.
    private static @Nullable String name(JsonNode payload, String field, int most) {
        String name = nullable(payload, field);
        return name == null || name.length() > most ? null : name;
    }

    /// PostgreSQL takes no U+0000 in a text; it is U+FFFD on both databases.
    private static String withoutNull(String text) {
        return text.replace('\0', '\uFFFD');
    }
}
