package dev.atomic.api.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.atomic.api.problem.ProblemException.FieldError;
import dev.atomic.shared.problem.ProblemCode;
import java.util.List;
import java.util.Locale;
import org.springframework.http.HttpStatus;

/// The body of an error, RFC 9457 with two members of ours.
///
/// @param type always `about:blank`: `code` is what tells problems apart
/// @param title HTTP's phrase for the status
/// @param code stable, e.g. `queue_full`
/// @param errors left out when no field is to blame
public record Problem(
        String type,
        String title,
        int status,
        String detail,
        String code,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<FieldError> errors) {

    public static Problem of(ProblemException refusal) {
        return new Problem(
                "about:blank",
                title(refusal.status()),
                refusal.status(),
                refusal.detail(),
                refusal.code(),
                refusal.errors());
    }

    /// The problem for a status without a code of ours, as the server's own errors have.
    public static ProblemException ofStatus(int status) {
        return switch (status) {
            case 400 ->
                    new ProblemException(ProblemCode.INVALID_REQUEST, "The request can't be read.");
            case 404 -> new ProblemException(ProblemCode.NOT_FOUND, "There is no such route.");
            case 500 -> internal();
            default ->
                    new ProblemException(
                            status,
                            title(status).toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", "_"),
                            "The request was refused: " + title(status) + ".");
        };
    }

    /// Says nothing of the cause, which is in the log.
    static ProblemException internal() {
        return new ProblemException(
                ProblemCode.INTERNAL,
                "Something went wrong; the api's log has the details under X-Request-Id.");
    }

    private static String title(int status) {
        HttpStatus known = HttpStatus.resolve(status);
        return known == null ? "Error" : known.getReasonPhrase();
    }
}
