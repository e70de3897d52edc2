package dev.atomic.api.mcp;

import dev.atomic.api.tenant.Caller;
import dev.atomic.shared.Json;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/// The resources that the protocol's conformance tests read.
@Component
@Profile(ConformanceTools.PROFILE)
final class ConformanceDocuments implements Documents {
    private static final Pattern TEMPLATE = Pattern.compile("test://template/([^/]+)/data");

    @Override
    public List<ObjectNode> listed() {
        return List.of(
                named("text").put("uri", "test://static-text"),
                named("binary").put("uri", "test://static-binary"));
    }

    @Override
    public List<ObjectNode> templates() {
        return List.of(named("data").put("uriTemplate", "test://template/{id}/data"));
    }

    private static ObjectNode named(String name) {
        return Json.STORED.createObjectNode().put("name", name);
    }

    @Override
    public @Nullable ObjectNode read(String uri, Caller caller) {
        ObjectNode result = Json.STORED.createObjectNode();
        ObjectNode content = result.putArray("contents").addObject().put("uri", uri);
        Matcher template = TEMPLATE.matcher(uri);
        if (uri.equals("test://static-text")) {
            content.put("mimeType", "text/plain").put("text", "This is a text.");
        } else if (uri.equals("test://static-binary")) {
            content.put("mimeType", "image/png").put("blob", "iVBORw0KGgo=");
        } else if (template.matches()) {
            String id = template.group(1);
            content.put("mimeType", "application/json").put("text", "{\"id\":\"" + id + "\"}");
        } else {
            return null;
        }
        return result;
    }
}
