package dev.atomic.api.job;

import dev.atomic.api.problem.ProblemException.FieldError;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// Finds what no database of ours keeps as it was sent: U+0000 (PostgreSQL refuses it in text) and
/// surrogates without their other half (no encoding has them). Anywhere in a body, keys included.
final class UnstorableText {
    private UnstorableText() {}

    /// Adds an error for each field that has any, by its dotted path.
    static void find(JsonNode body, List<FieldError> errors) {
        find(body, "", errors);
    }

    // As deep as the parser's own bound on nesting, 500.
    private static void find(JsonNode node, String path, List<FieldError> errors) {
        if (errors.size() >= 20) {
            return;
        }
        if (node.isString()) {
            if (isUnstorable(node.stringValue())) {
                errors.add(new FieldError(path, "has U+0000 or half a surrogate pair"));
            }
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                find(node.get(i), path + "[" + i + "]", errors);
            }
        } else if (node.isObject()) {
            for (Map.Entry<String, JsonNode> field : node.properties()) {
                if (isUnstorable(field.getKey())) {
                    errors.add(
                            new FieldError(
                                    path.isEmpty() ? "body" : path,
                                    "has a key with U+0000 or half a surrogate pair"));
                } else {
                    find(
                            field.getValue(),
                            path.isEmpty() ? field.getKey() : path + "." + field.getKey(),
                            errors);
                }
            }
        }
    }

    static boolean isUnstorable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0 || Character.isLowSurrogate(c)) {
                return true;
            }
            if (Character.isHighSurrogate(c)) {
                i++;
                if (i == text.length() || !Character.isLowSurrogate(text.charAt(i))) {
                    return true;
                }
            }
        }
        return false;
    }
}
