package dev.atomic.api.mcp;

import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.request.JsonBody;
import dev.atomic.api.tenant.Caller;
import dev.atomic.shared.Json;
import dev.atomic.shared.problem.ProblemCode;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The Model Context Protocol over streamable HTTP, without sessions: any process answers any
/// request, and jobs are what outlives a call.
@RestController
@Tag(name = "mcp")
final class McpController {
    private static final Logger LOG = LoggerFactory.getLogger(McpController.class);

    /// The newest first: it is offered to a client that asks for one that isn't here.
    private static final List<String> VERSIONS = List.of("2025-11-25", "2025-06-18", "2025-03-26");

    private static final String INSTRUCTIONS =
            "Runs code in a sandbox and has code written, tested and repaired. Jobs go on after a"
                    + " call returns: get_job with wait continues to wait for one.";

    private final RequestMemory memory;
    private final Tools tools;
    private final JobDocuments documents;

    McpController(RequestMemory memory, Tools tools, JobDocuments documents) {
        this.memory = memory;
        this.tools = tools;
        this.documents = documents;
    }

    @Operation(summary = "The Model Context Protocol: one JSON-RPC message")
    @PostMapping(path = "/mcp", consumes = MediaType.APPLICATION_JSON_VALUE)
    void message(
            HttpServletRequest request,
            HttpServletResponse response,
            @RequestHeader(name = "Accept", required = false) @Nullable String accept,
            @RequestHeader(name = "MCP-Protocol-Version", required = false)
                    @Nullable String version,
            @AuthenticationPrincipal Caller caller)
            throws IOException, InterruptedException {
        JsonNode id = Json.STORED.nullNode();
        Reply reply = new Reply(response, id, false, null);
        try {
            if (version != null && !VERSIONS.contains(version)) {
                throw new RpcError(
                        RpcError.INVALID_REQUEST,
                        "MCP-Protocol-Version must be one of " + String.join(", ", VERSIONS));
            }
            @Nullable Work work;
            try (RequestMemory.Share share = memory.open()) {
                JsonNode message = read(request, share);
                id = id(message);
                if (message.has("id")) {
                    reply = reply(message, id, response, accept);
                }
                work = work(message, caller);
            }
            if (work == null) {
                response.setStatus(HttpServletResponse.SC_ACCEPTED);
                return;
            }
            reply.result(work.run(reply));
        } catch (RpcError e) {
            if (id.isNull()) {
                response.setStatus(HttpServletResponse.SC_BAD_REQUEST);
            }
            reply.error(e.code(), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            LOG.debug("the client of a call is gone: {}", e.getMessage());
        }
    }

    private static JsonNode read(HttpServletRequest request, RequestMemory.Share share)
            throws IOException, RpcError {
        try {
            return JsonBody.read(request, share);
        } catch (ProblemException e) {
            if (e.code().equals(ProblemCode.MALFORMED_JSON.wire())) {
                throw new RpcError(RpcError.PARSE_ERROR, e.detail());
            }
            throw e;
        }
    }

    /// What is left to do when the message has been read and let go of.
    private interface Work {
        JsonNode run(Reply reply) throws IOException, InterruptedException;
    }

    private static JsonNode id(JsonNode message) throws RpcError {
        JsonNode id = message.path("id");
        boolean known = id.isString() || id.isIntegralNumber();
        if (!message.isObject()
                || !message.path("jsonrpc").asString("").equals("2.0")
                || (message.has("id") && !known)) {
            throw new RpcError(
                    RpcError.INVALID_REQUEST, "The body must be one message of JSON-RPC 2.0");
        }
        return known ? id : Json.STORED.nullNode();
    }

    private static Reply reply(
            JsonNode message, JsonNode id, HttpServletResponse response, @Nullable String accept) {
        boolean mayStream = accept != null && accept.contains(MediaType.TEXT_EVENT_STREAM_VALUE);
        JsonNode token = message.path("params").path("_meta").path("progressToken");
        boolean wanted = token.isString() || token.isIntegralNumber();
        return new Reply(response, id, mayStream, wanted ? token : null);
    }

    /// @return null for messages that aren't answered
    private @Nullable Work work(JsonNode message, Caller caller) throws RpcError {
        if (!message.has("id") || !message.has("method")) {
            // A notification, or an answer to a question that we never ask.
            return null;
        }
        JsonNode params = message.path("params");
        return switch (message.path("method").asString("")) {
            case "initialize" -> now(initialize(params));
            case "ping" -> now(Json.STORED.createObjectNode());
            case "tools/list" -> now(list());
            case "tools/call" -> call(params, caller);
            case "resources/list" -> {
                ObjectNode none = Json.STORED.createObjectNode();
                none.putArray("resources");
                yield now(none);
            }
            case "resources/templates/list" -> now(JobDocuments.templates());
            case "resources/read" -> now(documents.read(params.path("uri").asString(""), caller));
            default ->
                    throw new RpcError(RpcError.METHOD_NOT_FOUND, "There is no such method here");
        };
    }

    private static Work now(JsonNode result) {
        return _ -> result;
    }

    private static ObjectNode initialize(JsonNode params) {
        String asked = params.path("protocolVersion").asString("");
        ObjectNode result = Json.STORED.createObjectNode();
        result.put("protocolVersion", VERSIONS.contains(asked) ? asked : VERSIONS.getFirst());
        ObjectNode capabilities = result.putObject("capabilities");
        capabilities.putObject("tools");
        capabilities.putObject("resources");
        result.putObject("serverInfo")
                .put("name", "atomic-orchestrator")
                .put("title", "Atomic Orchestrator")
                .put("version", "1");
        return result.put("instructions", INSTRUCTIONS);
    }

    private static ObjectNode list() {
        ObjectNode result = Json.STORED.createObjectNode();
        var list = result.putArray("tools");
        for (Tool tool : Tool.values()) {
            list.add(tool.listed());
        }
        return result;
    }

    private Work call(JsonNode params, Caller caller) throws RpcError {
        Tool tool = Tool.of(params.path("name").asString(""));
        if (tool == null) {
            throw new RpcError(RpcError.INVALID_PARAMS, "There is no such tool here");
        }
        try {
            Tools.Call call = tools.prepare(tool, params.path("arguments"), caller);
            return reply -> {
                try {
                    return call.run(reply);
                } catch (ProblemException e) {
                    return Tools.refused(e);
                }
            };
        } catch (ProblemException e) {
            return now(Tools.refused(e));
        }
    }
}
