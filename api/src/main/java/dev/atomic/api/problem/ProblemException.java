package dev.atomic.api.problem;

import dev.atomic.shared.problem.ProblemCode;
import java.io.Serial;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A refused request: everything the client is told.
public final class ProblemException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    private static final String RETRY_AFTER = "Retry-After";

    /// Most characters of a detail: it may name what the client sent, which may be a megabyte.
    private static final int MAX_DETAIL_CHARS = 1_000;

    /// @param field as the client wrote it, e.g. `verify.policy`; a long one is cut
    public record FieldError(String field, String message) {
        /// Most characters of a field's name that are told.
        public static final int MAX_FIELD_CHARS = 200;

        public FieldError {
            field = cut(field, MAX_FIELD_CHARS);
        }
    }

    private final int status;
    private final String code;
    private final transient List<FieldError> errors;
    private final @Nullable Integer retryAfterSeconds;
    private final transient @Nullable Quota quota;

    /// @param detail one sentence that says what to do
    public ProblemException(
            ProblemCode code,
            String detail,
            List<FieldError> errors,
            @Nullable Integer retryAfterSeconds) {
        this(code.status(), code.wire(), detail, errors, retryAfterSeconds, null);
    }

    /// A limit of the caller's is reached.
    public ProblemException(ProblemCode code, String detail, int retryAfterSeconds, Quota quota) {
        this(code.status(), code.wire(), detail, List.of(), retryAfterSeconds, quota);
    }

    public ProblemException(ProblemCode code, String detail) {
        this(code, detail, List.of(), null);
    }

    /// The same refusal in other words.
    public ProblemException(ProblemException of, String detail, List<FieldError> errors) {
        this(of.status, of.code, detail, errors, of.retryAfterSeconds, of.quota);
    }

    /// For what has no code among those of requests: a status of the server's, a job's failure.
    public ProblemException(int status, String code, String detail) {
        this(status, code, detail, List.of(), null, null);
    }

    private ProblemException(
            int status,
            String code,
            String detail,
            List<FieldError> errors,
            @Nullable Integer retryAfterSeconds,
            @Nullable Quota quota) {
        super(cut(detail, MAX_DETAIL_CHARS), null, false, false);
        this.status = status;
        this.code = code;
        this.errors = List.copyOf(errors);
        this.retryAfterSeconds = retryAfterSeconds;
        this.quota = quota;
    }

    private static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        boolean splitsPair = Character.isHighSurrogate(text.charAt(most - 1));
        return text.substring(0, splitsPair ? most - 1 : most) + "…";
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }

    public String detail() {
        return String.valueOf(getMessage());
    }

    public List<FieldError> errors() {
        return errors;
    }

    /// Seconds, for the header `Retry-After`; null when asking again won't help.
    public @Nullable Integer retryAfterSeconds() {
        return retryAfterSeconds;
    }

    /// The headers that say when to ask again; none when that won't help.
    public Map<String, String> headers() {
        if (retryAfterSeconds == null) {
            return Map.of();
        }
        String after = retryAfterSeconds.toString();
        return quota == null
                ? Map.of(RETRY_AFTER, after)
                : Map.of(
                        RETRY_AFTER,
                        after,
                        "RateLimit-Policy",
                        quota.policy(),
                        "RateLimit",
                        quota.standing(retryAfterSeconds));
    }
}
