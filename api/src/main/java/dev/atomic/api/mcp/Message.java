package dev.atomic.api.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.atomic.api.tenant.Caller;
import dev.atomic.shared.Json;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// One message of a client, understood as its revision of the protocol wants it. Pure.
///
/// Revisions until 2025-11-25 begin with a handshake. Since 2026-07-28 each request says by itself
/// which revision it speaks and what its client can do, and its headers repeat what it asks. Who
/// routes by them must be able to believe them, so a request that contradicts its headers is
/// refused.
///
/// @param params as large as the client made them: a waiting thread holds the envelope
record Message(Envelope envelope, JsonNode params, Caller caller) {
    private static final String NEWEST = "2026-07-28";

    /// Those with a handshake, the newest first.
    static final List<String> WITH_HANDSHAKE = List.of("2025-11-25", "2025-06-18", "2025-03-26");

    /// All that are spoken here, the newest first.
    static final List<String> VERSIONS =
            Stream.concat(Stream.of(NEWEST), WITH_HANDSHAKE.stream()).toList();

    private static final String OURS = "io.modelcontextprotocol/";

    /// Longest id and progress token. They are sent back, the token with each step.
    private static final int MAX_TOKEN = 1_000;

    /// The parameter that the header `Mcp-Name` repeats.
    private static final Map<String, String> NAMED =
            Map.of(
                    "tools/call", "name",
                    "prompts/get", "name",
                    "resources/read", "uri",
                    "tasks/get", "taskId",
                    "tasks/update", "taskId",
                    "tasks/cancel", "taskId");

    private static final long AN_HOUR_MS = 3_600_000;

    /// Results that say how long they may be kept. Those that are alike for everyone and change
    /// only with the program may be for an hour.
    private static final Map<String, Long> KEPT_MS =
            Map.of(
                    "server/discover", AN_HOUR_MS,
                    "tools/list", AN_HOUR_MS,
                    "resources/list", AN_HOUR_MS,
                    "resources/templates/list", AN_HOUR_MS,
                    "resources/read", 0L);

    /// What there is to know of a message when it is answered.
    ///
    /// @param id missing for what isn't a request
    /// @param takesTasks whether the client takes a task for a result
    /// @param progressToken null when the client doesn't want to know of progress
    record Envelope(
            JsonNode id,
            String method,
            boolean isModern,
            boolean takesTasks,
            @Nullable JsonNode progressToken) {
        /// Anything else is a notification, or an answer to a question that we never ask.
        boolean isRequest() {
            return !id.isMissingNode() && !method.isEmpty();
        }

        /// Adds to a result what its revision wants in each.
        ObjectNode complete(ObjectNode result) {
            if (!isModern) {
                return result;
            }
            if (!result.has("resultType")) {
                result.put("resultType", "complete");
            }
            result.withObjectProperty("_meta").set(OURS + "serverInfo", Discovery.serverInfo());
            @Nullable Long kept = KEPT_MS.get(method);
            if (kept != null) {
                result.put("ttlMs", kept).put("cacheScope", kept == 0 ? "private" : "public");
            }
            return result;
        }
    }

    /// What a request's headers say of it.
    record Headers(@Nullable String version, @Nullable String method, @Nullable String name) {
        static Headers of(HttpServletRequest request) {
            return new Headers(
                    header(request, "MCP-Protocol-Version"),
                    header(request, "Mcp-Method"),
                    header(request, "Mcp-Name"));
        }

        /// A header that is sent twice is none of the values that are allowed.
        private static @Nullable String header(HttpServletRequest request, String name) {
            List<String> values = Collections.list(request.getHeaders(name));
            return values.isEmpty() ? null : String.join(", ", values);
        }
    }

    /// @throws RpcError unless the body is a message of JSON-RPC
    static JsonNode id(JsonNode body) throws RpcError {
        JsonNode id = body.path("id");
        if (!body.isObject()
                || !body.path("jsonrpc").asString("").equals("2.0")
                || (body.has("id") && !isToken(id))
                || !(body.path("params").isMissingNode() || body.path("params").isObject())) {
            throw RpcError.badRequest(
                    RpcError.INVALID_REQUEST, "The body must be one message of JSON-RPC 2.0");
        }
        return id;
    }

    /// @throws RpcError when it isn't of a revision that is spoken here, or isn't as that wants it
    static Message of(JsonNode body, Headers headers, Caller caller) throws RpcError {
        JsonNode id = id(body);
        JsonNode params = body.path("params");
        JsonNode meta = params.path("_meta");
        @Nullable String version = headers.version();
        JsonNode named = meta.path(OURS + "protocolVersion");
        if (named.isString() && !named.stringValue().equals(version)) {
            throw RpcError.headerMismatch(
                    "The header MCP-Protocol-Version must be what _meta has as "
                            + OURS
                            + "protocolVersion");
        }
        if (version != null && !VERSIONS.contains(version)) {
            throw RpcError.unsupportedVersion(VERSIONS, version);
        }
        boolean isModern = NEWEST.equals(version);
        JsonNode token = meta.path("progressToken");
        Message message =
                new Message(
                        new Envelope(
                                id,
                                body.path("method").asString(""),
                                isModern,
                                isModern && declaresTasks(meta),
                                isToken(token) ? token : null),
                        params,
                        caller);
        if (isModern && message.envelope.isRequest()) {
            message.requireMeta(named, meta);
            message.requireHeaders(headers);
        }
        return message;
    }

    private static boolean isToken(JsonNode node) {
        return node.isIntegralNumber()
                || (node.isString() && node.stringValue().length() <= MAX_TOKEN);
    }

    private static boolean declaresTasks(JsonNode meta) {
        return meta.path(OURS + "clientCapabilities")
                .path("extensions")
                .path(Tasks.EXTENSION)
                .isObject();
    }

    private void requireMeta(JsonNode named, JsonNode meta) throws RpcError {
        if (!named.isString() || !meta.path(OURS + "clientCapabilities").isObject()) {
            throw RpcError.badRequest(
                    RpcError.INVALID_PARAMS,
                    "params._meta must have "
                            + OURS
                            + "protocolVersion, a string, and "
                            + OURS
                            + "clientCapabilities, an object");
        }
    }

    private void requireHeaders(Headers headers) throws RpcError {
        String method = envelope.method();
        if (!method.equals(headers.method())) {
            throw RpcError.headerMismatch("The header Mcp-Method must be the method of the body");
        }
        @Nullable String field = NAMED.get(method);
        if (field == null || !params.path(field).isString()) {
            return;
        }
        if (!params.path(field).stringValue().equals(decoded(headers.name()))) {
            throw RpcError.headerMismatch(
                    "The header Mcp-Name must be params." + field + " of the body");
        }
    }

    /// Values that a header can't hold are sent as Base64.
    ///
    /// @return null for none, and for one that can't be read
    private static @Nullable String decoded(@Nullable String value) {
        if (value == null || !value.startsWith("=?base64?") || !value.endsWith("?=")) {
            return value;
        }
        String encoded = value.substring("=?base64?".length(), value.length() - "?=".length());
        try {
            return new String(Base64.getDecoder().decode(encoded), UTF_8);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    static ObjectNode requiredTasks() {
        ObjectNode capabilities = Json.STORED.createObjectNode();
        capabilities.putObject("extensions").putObject(Tasks.EXTENSION);
        return capabilities;
    }
}
