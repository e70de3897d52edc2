package dev.atomic.api.mcp;

import dev.atomic.shared.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What this server is and can do, as clients of either kind ask for it. Pure.
final class Discovery {
    private static final String INSTRUCTIONS =
            "Runs code in a sandbox and has code written, tested and repaired. Jobs go on after a"
                    + " call returns: get_job with wait continues to wait for one.";

    private Discovery() {}

    /// The handshake of the revisions that have one: the revision that is asked for, or the newest
    /// of them.
    static ObjectNode initialize(JsonNode params) {
        String asked = params.path("protocolVersion").asString("");
        ObjectNode result = Json.STORED.createObjectNode();
        result.put(
                "protocolVersion",
                Message.WITH_HANDSHAKE.contains(asked) ? asked : Message.WITH_HANDSHAKE.getFirst());
        result.set("capabilities", capabilities());
        result.set("serverInfo", serverInfo());
        return result.put("instructions", INSTRUCTIONS);
    }

    static ObjectNode discover() {
        ObjectNode result = Json.STORED.createObjectNode();
        Message.VERSIONS.forEach(result.putArray("supportedVersions")::add);
        ObjectNode capabilities = capabilities();
        capabilities.putObject("extensions").putObject(Tasks.EXTENSION);
        result.set("capabilities", capabilities);
        return result.put("instructions", INSTRUCTIONS);
    }

    private static ObjectNode capabilities() {
        ObjectNode capabilities = Json.STORED.createObjectNode();
        capabilities.putObject("tools");
        capabilities.putObject("resources");
        return capabilities;
    }

    static ObjectNode serverInfo() {
        return Json.STORED
                .createObjectNode()
                .put("name", "atomic-orchestrator")
                .put("title", "Atomic Orchestrator")
                .put("version", "1");
    }
}
