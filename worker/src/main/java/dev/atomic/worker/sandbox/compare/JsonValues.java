package dev.atomic.worker.sandbox.compare;

import dev.atomic.shared.Json;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// JSON compared as values: order and white space don't count, 1 is 1.0. How deep it may be is
/// bounded by the parser (500). Pure.
public final class JsonValues {
    private JsonValues() {}

    /// The first place where two texts aren't the same JSON; empty when they are.
    static Optional<String> same(String expected, String actual) {
        return compare(expected, actual, false);
    }

    /// The first place where a text doesn't have what is expected: objects may have more in them
    /// than is named, lists may not.
    public static Optional<String> atLeast(String expected, String actual) {
        return compare(expected, actual, true);
    }

    private static Optional<String> compare(String expected, String actual, boolean more) {
        JsonNode got;
        try {
            got = Json.STRICT.readTree(actual);
        } catch (JacksonException e) {
            return Optional.of("isn't JSON: " + Excerpt.of(actual));
        }
        // An empty text is no JSON, whatever the parser makes of it.
        if (got.isMissingNode()) {
            return Optional.of("isn't JSON: there is nothing");
        }
        return Optional.ofNullable(difference(Json.STRICT.readTree(expected), got, more, "$"));
    }

    private static @Nullable String difference(
            JsonNode want, JsonNode got, boolean more, String path) {
        if (want.isObject() && got.isObject()) {
            return objects(want, got, more, path);
        }
        if (want.isArray() && got.isArray()) {
            return arrays(want, got, more, path);
        }
        boolean same = isSame(want, got);
        return same ? null : told(path, want.toString(), got.toString());
    }

    private static boolean isSame(JsonNode want, JsonNode got) {
        if (want.isNumber() && got.isNumber()) {
            return want.decimalValue().compareTo(got.decimalValue()) == 0;
        }
        return want.equals(got);
    }

    private static @Nullable String objects(
            JsonNode want, JsonNode got, boolean more, String path) {
        for (Map.Entry<String, JsonNode> field : want.properties()) {
            String place = path + "." + Excerpt.of(field.getKey());
            JsonNode value = got.get(field.getKey());
            String found =
                    value == null
                            ? told(place, field.getValue().toString(), "nothing")
                            : difference(field.getValue(), value, more, place);
            if (found != null) {
                return found;
            }
        }
        if (more || want.size() == got.size()) {
            return null;
        }
        for (String name : got.propertyNames()) {
            if (!want.has(name)) {
                return told(
                        path + "." + Excerpt.of(name), "nothing", String.valueOf(got.get(name)));
            }
        }
        return null;
    }

    private static @Nullable String arrays(JsonNode want, JsonNode got, boolean more, String path) {
        for (int i = 0; i < Math.min(want.size(), got.size()); i++) {
            String found = difference(want.get(i), got.get(i), more, path + "[" + i + "]");
            if (found != null) {
                return found;
            }
        }
        return want.size() == got.size()
                ? null
                : told(path, want.size() + " entries", Integer.toString(got.size()));
    }

    private static String told(String path, String want, String got) {
        return Excerpt.of(path) + ": expected " + Excerpt.of(want) + ", got " + Excerpt.of(got);
    }
}
