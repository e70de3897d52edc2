package dev.atomic.api.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.atomic.shared.Json;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The answer to one request: a JSON object, or a stream that tells of progress first. It becomes a
/// stream with the first thing that is told.
///
/// Used by one thread.
final class Reply {
    private static final byte[] COMMENT = ":\n\n".getBytes(UTF_8);

    private final HttpServletResponse response;
    private final Message.Envelope message;
    private final boolean mayStream;
    private boolean streams;
    private int steps;

    /// @param message what is answered
    /// @param mayStream whether the client takes a stream
    Reply(HttpServletResponse response, Message.Envelope message, boolean mayStream) {
        this.response = response;
        this.message = message;
        this.mayStream = mayStream;
    }

    /// Whether a task may be the result.
    boolean takesTasks() {
        return message.takesTasks();
    }

    /// Whether the client wants to know of progress, and can be told.
    boolean tellsProgress() {
        return message.progressToken() != null && mayStream;
    }

    /// @throws IOException when the client is gone
    void progress(String step) throws IOException {
        if (!tellsProgress()) {
            return;
        }
        ObjectNode notification = Json.STORED.createObjectNode().put("jsonrpc", "2.0");
        notification.put("method", "notifications/progress");
        ObjectNode params = notification.putObject("params");
        params.set("progressToken", Objects.requireNonNull(message.progressToken()));
        params.put("progress", ++steps).put("message", step);
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

    void result(ObjectNode result) throws IOException {
        ObjectNode answer = answer(message.id());
        end(answer.set("result", message.complete(result)));
    }

    void error(RpcError error) throws IOException {
        if (streams) {
            event(answer(message.id()).set("error", error.toObject()));
        } else {
            refuse(response, message.id(), error);
        }
    }

    /// For a message that couldn't be understood.
    ///
    /// @param id missing where even that isn't known
    static void refuse(HttpServletResponse response, JsonNode id, RpcError error)
            throws IOException {
        response.setStatus(error.status());
        write(response, answer(id).set("error", error.toObject()));
    }

    private static ObjectNode answer(JsonNode id) {
        ObjectNode answer = Json.STORED.createObjectNode().put("jsonrpc", "2.0");
        return id.isMissingNode() ? answer : answer.set("id", id);
    }

    private void end(ObjectNode answer) throws IOException {
        if (streams) {
            event(answer);
        } else {
            write(response, answer);
        }
    }

    private static void write(HttpServletResponse response, ObjectNode answer) throws IOException {
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
