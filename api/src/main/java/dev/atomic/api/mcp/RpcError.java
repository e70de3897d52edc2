package dev.atomic.api.mcp;

import dev.atomic.shared.Json;
import jakarta.servlet.http.HttpServletResponse;
import java.io.Serial;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// A message that JSON-RPC answers with an error: the client spoke the protocol wrongly.
final class RpcError extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    static final int PARSE_ERROR = -32700;
    static final int INVALID_REQUEST = -32600;
    static final int METHOD_NOT_FOUND = -32601;
    static final int INVALID_PARAMS = -32602;
    private static final int RESOURCE_NOT_FOUND = -32002;
    private static final int HEADER_MISMATCH = -32020;
    private static final int MISSING_CAPABILITY = -32021;
    private static final int UNSUPPORTED_VERSION = -32022;

    /// Most bytes that are told of what the client sent, which may be a megabyte.
    private static final int MAX_ECHO = 1_000;

    private final int code;
    private final int status;
    private final transient @Nullable ObjectNode data;

    private RpcError(int code, int status, String message, @Nullable ObjectNode data) {
        super(message, null, false, false);
        this.code = code;
        this.status = status;
        this.data = data;
    }

    /// An answer like any other, as far as HTTP is concerned.
    RpcError(int code, String message) {
        this(code, HttpServletResponse.SC_OK, message, null);
    }

    /// The message itself isn't one that can be answered.
    static RpcError badRequest(int code, String message) {
        return new RpcError(code, HttpServletResponse.SC_BAD_REQUEST, message, null);
    }

    /// @param message the message, whose revision says what HTTP is told
    static RpcError noMethod(Message message) {
        int status =
                message.envelope().isModern()
                        ? HttpServletResponse.SC_NOT_FOUND
                        : HttpServletResponse.SC_OK;
        return new RpcError(METHOD_NOT_FOUND, status, "There is no such method here", null);
    }

    static RpcError noResource(Message message, String uri) {
        int code = message.envelope().isModern() ? INVALID_PARAMS : RESOURCE_NOT_FOUND;
        ObjectNode data = Json.STORED.createObjectNode().put("uri", cut(uri));
        return new RpcError(code, HttpServletResponse.SC_OK, "There is no such resource", data);
    }

    static RpcError headerMismatch(String message) {
        return badRequest(HEADER_MISMATCH, message);
    }

    /// @param capabilities in the form in which a client declares them
    static RpcError missingCapability(ObjectNode capabilities) {
        ObjectNode data = Json.STORED.createObjectNode();
        data.set("requiredCapabilities", capabilities);
        return new RpcError(
                MISSING_CAPABILITY,
                HttpServletResponse.SC_BAD_REQUEST,
                "The client hasn't declared a capability that this needs",
                data);
    }

    static RpcError unsupportedVersion(Collection<String> supported, String requested) {
        ObjectNode data = Json.STORED.createObjectNode();
        supported.forEach(data.putArray("supported")::add);
        data.put("requested", cut(requested));
        return new RpcError(
                UNSUPPORTED_VERSION,
                HttpServletResponse.SC_BAD_REQUEST,
                "MCP-Protocol-Version must be one of " + String.join(", ", supported),
                data);
    }

    private static String cut(String text) {
        return text.substring(0, ShortText.end(text, 0, MAX_ECHO));
    }

    /// The status of HTTP that goes with it.
    int status() {
        return status;
    }

    /// As JSON-RPC has it.
    ObjectNode toObject() {
        ObjectNode error = Json.STORED.createObjectNode().put("code", code);
        error.put("message", getMessage());
        if (data != null) {
            error.set("data", data);
        }
        return error;
    }
}
