package dev.atomic.api.request;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.ProblemException.FieldError;
import dev.atomic.shared.problem.ProblemCode;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Reads a request's query strictly: a parameter that isn't known, is given twice or can't be read
/// is refused, never passed over.
public final class Query {
    private final HttpServletRequest request;

    private Query(HttpServletRequest request) {
        this.request = request;
    }

    /// @throws ProblemException for any parameter but these
    public static Query of(HttpServletRequest request, String... known) {
        List<String> names = Arrays.asList(known);
        for (Map.Entry<String, String[]> parameter : request.getParameterMap().entrySet()) {
            if (!names.contains(parameter.getKey())) {
                throw wrong(parameter.getKey(), "isn't a known parameter");
            }
            if (parameter.getValue().length > 1) {
                throw wrong(parameter.getKey(), "is there twice");
            }
        }
        return new Query(request);
    }

    public @Nullable String text(String name) {
        return request.getParameter(name);
    }

    public long number(String name, long byDefault, long min, long max) {
        String text = text(name);
        if (text == null) {
            return byDefault;
        }
        if (!text.matches("[0-9]{1,18}")
                || Long.parseLong(text) < min
                || Long.parseLong(text) > max) {
            throw wrong(name, "must be a whole number, " + min + " to " + max);
        }
        return Long.parseLong(text);
    }

    /// One of a closed set of names; null when absent.
    public <T> @Nullable T choice(String name, List<T> values, Function<T, String> wire) {
        String text = text(name);
        if (text == null) {
            return null;
        }
        for (T value : values) {
            if (wire.apply(value).equals(text)) {
                return value;
            }
        }
        throw wrong(
                name, "must be one of " + String.join(", ", values.stream().map(wire).toList()));
    }

    public static ProblemException wrong(String name, String message) {
        return new ProblemException(
                ProblemCode.INVALID_REQUEST,
                name + " " + message + ".",
                List.of(new FieldError(name, message)),
                null);
    }
}
