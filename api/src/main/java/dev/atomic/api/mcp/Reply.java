package dev.atomic.api.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.atomic.shared.Json;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The answer to one request: a JSON object, or a stream that tells of progress first. It becomes a
/// stream with the first thing that is told.
///
/// Used by one thread.
final class Reply {
    private static final byte[] COMMENT = ":\n\n".getBytes(UTF_8);

    private final HttpServletResponse response;
    private final JsonNode id;
    private final boolean mayStream;
    private final @Nullable JsonNode progressToken;
    private boolean streams;
    private int steps;

    /// @param mayStream whether the client takes a stream
    /// @param progressToken null when the client doesn't want to know of progress
    Reply(
            HttpServletResponse response,
            JsonNode id,
            boolean mayStream,
            @Nullable JsonNode progressToken) {
        this.response = response;
        this.id = id;
        this.mayStream = mayStream;
        this.progressToken = progressToken;
    }

    /// Whether the client wants to know of progress, and can be told.
    boolean tellsProgress() {
        return progressToken != null && mayStream;
    }

    /// @throws IOException when the client is gone
    void progress(String message) throws IOException {
        if (!tellsProgress()) {
            return;
        }
        ObjectNode notification = Json.STORED.createObjectNode().put("jsonrpc", "2.0");
        notification.put("method", "notifications/progress");
        ObjectNode params = notification.putObject("params");
        params.set("progressToken", Objects.requireNonNull(progressToken));
        params.put("progress", ++steps).put("message", message);
        event(notification);
    }

    /// Finds out whether the client is still there, as far as a stream can.
    ///
    /// @throws IOException when it is gone
    void alive() throws IOException {
        if (mayStream) {
            begin();
            response.getOutputStream().write(COMMENT);
            response.flushBuffer();
        }
    }

    void result(JsonNode result) throws IOException {
        end(message().set("result", result));
    }

    void error(int code, String text) throws IOException {
        ObjectNode answer = message();
        answer.putObject("error").put("code", code).put("message", text);
        end(answer);
    }

    private ObjectNode message() {
        return Json.STORED.createObjectNode().put("jsonrpc", "2.0").set("id", id);
    }

    private void end(ObjectNode answer) throws IOException {
        if (streams) {
            event(answer);
            return;
        }
        response.setContentType("application/json");
        response.setHeader("Cache-Control", "no-store");
        response.getOutputStream().write(Json.write(answer).getBytes(UTF_8));
    }

    private void event(ObjectNode message) throws IOException {
        begin();
        String text = "event: message\ndata: " + Json.write(message) + "\n\n";
        response.getOutputStream().write(text.getBytes(UTF_8));
        response.flushBuffer();
    }

    private void begin() {
        if (!streams) {
            streams = true;
            response.setContentType("text/event-stream;charset=UTF-8");
            response.setHeader("Cache-Control", "no-store");
            response.setHeader("X-Accel-Buffering", "no");
        }
    }
}
