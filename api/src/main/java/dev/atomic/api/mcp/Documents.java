package dev.atomic.api.mcp;

import dev.atomic.api.tenant.Caller;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Resources that are offered. Ours are [JobDocuments]; the protocol's conformance tests bring
/// their own.
interface Documents {
    /// Those with addresses of their own, as `resources/list` has them.
    List<ObjectNode> listed();

    /// As `resources/templates/list` has them.
    List<ObjectNode> templates();

    /// @return null when there is no such resource
    @Nullable ObjectNode read(String uri, Caller caller);
}
