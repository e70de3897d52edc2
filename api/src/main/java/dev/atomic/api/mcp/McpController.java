package dev.atomic.api.mcp;

import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.request.JsonBody;
import dev.atomic.api.tenant.Caller;
import dev.atomic.shared.Json;
import dev.atomic.shared.problem.ProblemCode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// The Model Context Protocol over streamable HTTP, without sessions: any process answers any
/// request, and jobs are what outlives a call.
@RestController
final class McpController {
    private static final Logger LOG = LoggerFactory.getLogger(McpController.class);

    private final RequestMemory memory;
    private final List<Toolbox> toolboxes;
    private final List<Documents> documents;
    private final Tasks tasks;

    McpController(
            RequestMemory memory, List<Toolbox> toolboxes, List<Documents> documents, Tasks tasks) {
        this.memory = memory;
        this.toolboxes = toolboxes;
        this.documents = documents;
        this.tasks = tasks;
    }

    @PostMapping(path = "/mcp", consumes = MediaType.APPLICATION_JSON_VALUE)
    void message(
            HttpServletRequest request,
            HttpServletResponse response,
            @RequestHeader(name = "Accept", required = false) @Nullable String accept,
            @AuthenticationPrincipal Caller caller)
            throws IOException, InterruptedException {
        JsonNode id = MissingNode.getInstance();
        @Nullable Reply reply = null;
        try {
            Work work;
            try (RequestMemory.Share share = memory.open()) {
                JsonNode body = read(request, share);
                id = Message.id(body);
                Message message = Message.of(body, Message.Headers.of(request), caller);
                if (!message.envelope().isRequest()) {
                    response.setStatus(HttpServletResponse.SC_ACCEPTED);
                    return;
                }
                reply = new Reply(response, message.envelope(), takesStreams(accept));
                work = work(message);
            }
            reply.result(work.run(reply));
        } catch (RpcError e) {
            if (reply == null) {
                Reply.refuse(response, id, e);
            } else {
                reply.error(e);
            }
        } catch (IOException e) {
            LOG.debug("the client of a call is gone: {}", e.getMessage());
        }
    }

    private static boolean takesStreams(@Nullable String accept) {
        return accept != null && accept.contains(MediaType.TEXT_EVENT_STREAM_VALUE);
    }

    private static JsonNode read(HttpServletRequest request, RequestMemory.Share share)
            throws IOException, RpcError {
        try {
            return JsonBody.read(request, share);
        } catch (ProblemException e) {
            if (e.code().equals(ProblemCode.MALFORMED_JSON.wire())) {
                throw RpcError.badRequest(RpcError.PARSE_ERROR, e.detail());
            }
            throw e;
        }
    }

    /// What is left to do when the message has been read and let go of.
    private interface Work {
        ObjectNode run(Reply reply) throws IOException, InterruptedException;
    }

    private Work work(Message message) throws RpcError {
        return switch (message.envelope().method()) {
            case "tools/list" -> now(list("tools", toolboxes.stream().map(Toolbox::listed)));
            case "tools/call" -> call(message);
            case "resources/list" ->
                    now(list("resources", documents.stream().map(Documents::listed)));
            case "resources/templates/list" ->
                    now(list("resourceTemplates", documents.stream().map(Documents::templates)));
            case "resources/read" -> now(read(message));
            default -> message.envelope().isModern() ? ofNow(message) : ofHandshakes(message);
        };
    }

    /// What only the newest revision has.
    private Work ofNow(Message message) throws RpcError {
        return switch (message.envelope().method()) {
            case "server/discover" -> now(Discovery.discover());
            case "tasks/get" -> now(tasks.get(message));
            case "tasks/cancel" -> now(tasks.cancel(message));
            case "tasks/update" -> now(tasks.update(message));
            default -> throw RpcError.noMethod(message);
        };
    }

    /// What only the revisions before it have.
    private static Work ofHandshakes(Message message) throws RpcError {
        return switch (message.envelope().method()) {
            case "initialize" -> now(Discovery.initialize(message.params()));
            case "ping" -> now(Json.STORED.createObjectNode());
            default -> throw RpcError.noMethod(message);
        };
    }

    private static Work now(ObjectNode result) {
        return _ -> result;
    }

    private static ObjectNode list(String name, Stream<List<ObjectNode>> each) {
        ObjectNode result = Json.STORED.createObjectNode();
        result.putArray(name).addAll(each.flatMap(List::stream).toList());
        return result;
    }

    private ObjectNode read(Message message) throws RpcError {
        String uri = message.params().path("uri").asString("");
        for (Documents each : documents) {
            ObjectNode result = each.read(uri, message.caller());
            if (result != null) {
                return result;
            }
        }
        throw RpcError.noResource(message, uri);
    }

    private Work call(Message message) throws RpcError {
        String name = message.params().path("name").asString("");
        try {
            for (Toolbox toolbox : toolboxes) {
                Toolbox.Call call =
                        toolbox.prepare(name, message.params().path("arguments"), message);
                if (call != null) {
                    return reply -> {
                        try {
                            return call.run(reply);
                        } catch (ProblemException e) {
                            return Tools.refused(e);
                        }
                    };
                }
            }
        } catch (ProblemException e) {
            return now(Tools.refused(e));
        }
        throw new RpcError(RpcError.INVALID_PARAMS, "There is no such tool here");
    }
}
