package dev.atomic.api.mcp;

import dev.atomic.api.request.Query;
import dev.atomic.shared.Json;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a tool was called with. What is wrong is told to the model, which can call again.
final class Arguments {
    private static final String CANCEL = "cancel_on_disconnect";

    private static final Map<String, String> ENTRIES =
            Map.of(
                    "python", "main.py",
                    "javascript", "main.js",
                    "c", "main.c",
                    "cpp", "main.cpp",
                    "bash", "main.sh");

    private final JsonNode given;

    Arguments(JsonNode given, Set<String> known) {
        this.given = given;
        if (!given.isObject() && !given.isMissingNode()) {
            throw Query.wrong("arguments", "must be an object");
        }
        for (String name : given.propertyNames()) {
            if (!known.contains(name)) {
                throw Query.wrong(name, "isn't an argument of this tool");
            }
        }
    }

    String text(String name) {
        if (!given.path(name).isString()) {
            throw Query.wrong(name, "must be a string");
        }
        return given.path(name).stringValue();
    }

    int number(String name, int most) {
        JsonNode node = given.path(name);
        if (node.isMissingNode() || node.isNull()) {
            return 0;
        }
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 0) {
            throw Query.wrong(name, "must be a whole number, 0 or more");
        }
        return Math.min(node.intValue(), most);
    }

    boolean cancelsOnDisconnect() {
        JsonNode node = given.path(CANCEL);
        if (!node.isMissingNode() && !node.isNull() && !node.isBoolean()) {
            throw Query.wrong(CANCEL, "must be true or false");
        }
        return node.asBoolean(false);
    }

    /// The body of the job it asks for: every argument is a field of it.
    ObjectNode body() {
        ObjectNode body = Json.STORED.createObjectNode();
        given.properties()
                .forEach(each -> {
                    if (!each.getKey().equals(CANCEL)) {
                        body.set(each.getKey(), each.getValue());
                    }
                });
        return body;
    }

    /// The same for code to run: the text of a single file becomes that file.
    ObjectNode bodyToRun() {
        ObjectNode body = body();
        JsonNode code = body.remove("code");
        if (code == null) {
            return body;
        }
        if (!code.isString()) {
            throw Query.wrong("code", "must be a string");
        }
        if (body.has("files")) {
            throw Query.wrong("code", "and files can't both be given");
        }
        @Nullable String path = ENTRIES.get(body.path("language").asString(""));
        if (path == null) {
            throw Query.wrong("language", "must be python, javascript, c, cpp or bash");
        }
        ObjectNode file = body.putArray("files").addObject().put("path", path);
        file.set("content", code);
        return body;
    }
}
