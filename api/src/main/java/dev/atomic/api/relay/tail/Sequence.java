package dev.atomic.api.relay.tail;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.ProblemException.FieldError;
import dev.atomic.shared.problem.ProblemCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads the number of an event as a client gives it.
public final class Sequence {
    private Sequence() {}

    /// @param field what to call it in a refusal
    /// @return 0, before the first, when absent
    public static long parse(String field, @Nullable String text) {
        if (text == null) {
            return 0;
        }
        if (!text.matches("[0-9]{1,18}")) {
            throw refused(field);
        }
        return Long.parseLong(text);
    }

    public static ProblemException refused(String field) {
        String message = "must be the number of an event: a whole number, 0 or more";
        return new ProblemException(
                ProblemCode.INVALID_REQUEST,
                field + " " + message + ".",
                List.of(new FieldError(field, message)),
                null);
    }
}
