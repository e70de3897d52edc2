package dev.atomic.api.submission;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.ProblemException.FieldError;
import dev.atomic.shared.problem.ProblemCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a client names a request by, so that it can repeat it: 1 to 255 characters.
public final class IdempotencyKey {
    private static final int MAX_LENGTH = 255;

    private IdempotencyKey() {}

    /// What a header and a socket's message both carry as it is: HTTP reads other characters as
    /// ISO-8859-1 and drops spaces at the ends, so that one key would be two.
    ///
    /// @param key null where there is none, which is right too
    /// @throws ProblemException `invalid_request`
    public static void check(@Nullable String key) {
        if (key == null) {
            return;
        }
        if (key.isEmpty()
                || key.length() > MAX_LENGTH
                || key.startsWith(" ")
                || key.endsWith(" ")
                || key.chars().anyMatch(c -> c < 0x20 || c > 0x7e)) {
            String message =
                    "must have 1 to "
                            + MAX_LENGTH
                            + " characters of printable ASCII, with no space at either end";
            throw new ProblemException(
                    ProblemCode.INVALID_REQUEST,
                    "Idempotency-Key " + message + ".",
                    List.of(new FieldError("Idempotency-Key", message)),
                    null);
        }
    }
}
