package dev.atomic.api.request;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.ProblemException.FieldError;
import dev.atomic.shared.problem.ProblemCode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Reads the fields of a JSON object strictly: nothing is coerced, what is wrong is noted by its
/// dotted path and read as absent, so that a client is told of all its errors at once. A field that
/// is `null` is a field that isn't there.
final class Fields {
    /// Errors beyond this many are left out. No one would read them, and the answer stays small.
    private static final int MAX_ERRORS = 20;

    private final JsonNode object;
    private final String prefix;
    private final List<FieldError> errors;

    private Fields(JsonNode object, String prefix, List<FieldError> errors) {
        this.object = object;
        this.prefix = prefix;
        this.errors = errors;
    }

    /// @throws ProblemException when the body isn't an object, or has text no database would keep
    static Fields of(JsonNode body) {
        if (!body.isObject()) {
            throw new ProblemException(
                    ProblemCode.INVALID_REQUEST, "The body must be a JSON object.");
        }
        Fields fields = new Fields(body, "", new ArrayList<>());
        UnstorableText.find(body, fields.errors);
        fields.throwIfWrong();
        return fields;
    }

    /// @throws ProblemException naming every field that was wrong so far
    void throwIfWrong() {
        if (!errors.isEmpty()) {
            FieldError first = errors.getFirst();
            throw new ProblemException(
                    ProblemCode.INVALID_REQUEST,
                    first.field() + " " + first.message() + ".",
                    errors,
                    null);
        }
    }

    /// Notes every field that isn't one of these.
    Fields only(Set<String> known) {
        for (String name : object.propertyNames()) {
            if (!known.contains(name)) {
                wrong(name, "isn't a known field");
            }
        }
        return this;
    }

    boolean has(String name) {
        return !object.path(name).isMissingNode() && !object.path(name).isNull();
    }

    /// @return the value as it stands; null when absent
    @Nullable JsonNode node(String name) {
        return has(name) ? object.get(name) : null;
    }

    /// The names of the fields there are.
    Iterable<String> names() {
        return object.propertyNames();
    }

    /// The value if it is a text, whatever its length; null when it isn't.
    @Nullable String textOf(String name) {
        JsonNode node = node(name);
        return node != null && node.isString() ? node.stringValue() : null;
    }

    @Nullable Boolean flag(String name) {
        JsonNode node = node(name);
        if (node == null) {
            return null;
        }
        if (!node.isBoolean()) {
            wrong(name, "must be true or false");
            return null;
        }
        return node.booleanValue();
    }

    /// A text of `min` to `max` code points.
    @Nullable String text(String name, int min, int max) {
        JsonNode node = node(name);
        return node == null ? null : text(name, node, min, max);
    }

    private @Nullable String text(String name, JsonNode node, int min, int max) {
        if (!node.isString()) {
            wrong(name, "must be a string");
            return null;
        }
        String value = node.stringValue();
        int length = value.codePointCount(0, value.length());
        if (length < min || length > max) {
            wrong(name, "must have " + min + " to " + max + " characters, not " + length);
            return null;
        }
        return value;
    }

    @Nullable Integer integer(String name, int min, int max) {
        JsonNode node = node(name);
        if (node == null) {
            return null;
        }
        if (!node.isIntegralNumber()) {
            wrong(name, "must be a whole number");
            return null;
        }
        if (!node.canConvertToInt() || node.intValue() < min || node.intValue() > max) {
            wrong(name, "must be " + min + " to " + max);
            return null;
        }
        return node.intValue();
    }

    @Nullable Double decimal(String name, String min, String max) {
        JsonNode node = node(name);
        if (node == null) {
            return null;
        }
        if (!node.isNumber()) {
            wrong(name, "must be a number");
            return null;
        }
        BigDecimal value = node.decimalValue();
        if (value.compareTo(new BigDecimal(min)) < 0 || value.compareTo(new BigDecimal(max)) > 0) {
            wrong(name, "must be " + min + " to " + max);
            return null;
        }
        return value.doubleValue();
    }

    /// One of a closed set of names.
    <T> @Nullable T choice(
            String name, List<T> values, java.util.function.Function<T, String> wire) {
        JsonNode node = node(name);
        return node == null ? null : choice(name, node, values, wire);
    }

    private <T> @Nullable T choice(
            String name,
            JsonNode node,
            List<T> values,
            java.util.function.Function<T, String> wire) {
        for (T value : values) {
            if (node.isString() && wire.apply(value).equals(node.stringValue())) {
                return value;
            }
        }
        wrong(name, "must be one of " + String.join(", ", values.stream().map(wire).toList()));
        return null;
    }

    /// A list of names out of a closed set, none twice.
    <T> @Nullable List<T> choices(
            String name, List<T> values, java.util.function.Function<T, String> wire) {
        List<T> chosen = new ArrayList<>();
        boolean given =
                eachOf(
                        name,
                        values.size(),
                        (path, node) -> {
                            T value = choice(path, node, values, wire);
                            if (value != null && chosen.contains(value)) {
                                wrong(path, "is there twice");
                            } else if (value != null) {
                                chosen.add(value);
                            }
                        });
        return given ? chosen : null;
    }

    /// A list of texts.
    @Nullable List<String> texts(String name, int most, int min, int max) {
        List<String> texts = new ArrayList<>();
        boolean given =
                eachOf(
                        name,
                        most,
                        (path, node) -> {
                            String text = text(path, node, min, max);
                            if (text != null) {
                                texts.add(text);
                            }
                        });
        return given ? texts : null;
    }

    /// A list of objects.
    ///
    /// @return whether there is a list
    boolean objects(String name, int most, java.util.function.Consumer<Fields> each) {
        return eachOf(
                name,
                most,
                (path, node) -> {
                    if (node.isObject()) {
                        each.accept(new Fields(node, prefix + path + ".", errors));
                    } else {
                        wrong(path, "must be an object");
                    }
                });
    }

    /// An object within this one.
    @Nullable Fields object(String name) {
        JsonNode node = node(name);
        if (node == null) {
            return null;
        }
        if (!node.isObject()) {
            wrong(name, "must be an object");
            return null;
        }
        return new Fields(node, prefix + name + ".", errors);
    }

    void wrong(String name, String message) {
        if (errors.size() < MAX_ERRORS) {
            errors.add(new FieldError(prefix + name, message));
        }
    }

    private boolean eachOf(String name, int most, BiConsumer<String, JsonNode> each) {
        JsonNode node = node(name);
        if (node == null) {
            return false;
        }
        if (!node.isArray()) {
            wrong(name, "must be a list");
            return false;
        }
        if (node.size() > most) {
            wrong(name, "may have " + most + " entries, not " + node.size());
            return false;
        }
        for (int i = 0; i < node.size(); i++) {
            each.accept(name + "[" + i + "]", node.get(i));
        }
        return true;
    }
}
