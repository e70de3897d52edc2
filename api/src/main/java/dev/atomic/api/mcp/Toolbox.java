package dev.atomic.api.mcp;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Tools that are offered. Ours are [Tools]; the protocol's conformance tests bring their own.
interface Toolbox {
    /// As `tools/list` has them.
    List<ObjectNode> listed();

    /// Reads the arguments; whatever takes time or changes something is done by the call.
    ///
    /// @return null when there is no tool of this name
    /// @throws dev.atomic.api.problem.ProblemException when the arguments are wrong
    /// @throws RpcError when the client can't call it
    @Nullable Call prepare(String name, JsonNode arguments, Message message) throws RpcError;

    /// What is to be done once the body is let go of.
    interface Call {
        /// @throws IOException when the client is gone
        ObjectNode run(Reply reply) throws IOException, InterruptedException;
    }
}
