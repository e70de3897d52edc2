package dev.atomic.api.request;

import dev.atomic.api.problem.ProblemException.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// Finds what no database of ours keeps as it was sent: U+0000 (PostgreSQL refuses it in text) and
/// surrogates without their other half (no encoding has them). Anywhere in a body, keys included.
///
/// The path to a value is written down only where something is wrong with it. A path for each level
/// would cost a body's depth times the length of its keys: 240 MB for 1 MB of nested objects.
final class UnstorableText {
    private static final int MAX_ERRORS = 20;

    private final List<FieldError> errors;

    /// From the body to the value looked at: names, and indexes as they come.
    private final List<Object> way = new ArrayList<>();

    private UnstorableText(List<FieldError> errors) {
        this.errors = errors;
    }

    /// Adds an error for each field that has any, by its dotted path, up to 20 in all.
    static void find(JsonNode body, List<FieldError> errors) {
        new UnstorableText(errors).find(body);
    }

    // As deep as the parser's own bound on nesting, 500.
    private void find(JsonNode node) {
        if (errors.size() >= MAX_ERRORS) {
            return;
        }
        if (node.isString()) {
            if (isUnstorable(node.stringValue())) {
                errors.add(new FieldError(path(), "has U+0000 or half a surrogate pair"));
            }
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                findBelow(i, node.get(i));
            }
        } else if (node.isObject()) {
            for (Map.Entry<String, JsonNode> field : node.properties()) {
                if (isUnstorable(field.getKey())) {
                    errors.add(
                            new FieldError(
                                    way.isEmpty() ? "body" : path(),
                                    "has a key with U+0000 or half a surrogate pair"));
                } else {
                    findBelow(field.getKey(), field.getValue());
                }
            }
        }
    }

    private void findBelow(Object step, JsonNode child) {
        if (child.isString() || child.isContainer()) {
            way.addLast(step);
            find(child);
            way.removeLast();
        }
    }

    /// As far as errors name it.
    private String path() {
        StringBuilder path = new StringBuilder();
        for (Object step : way) {
            if (path.length() > FieldError.MAX_FIELD_CHARS) {
                break;
            }
            if (step instanceof Integer index) {
                path.append('[').append(index).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(step);
            }
        }
        return path.toString();
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
