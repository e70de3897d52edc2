package dev.atomic.api.problem;

import dev.atomic.api.problem.ProblemException.FieldError;
import dev.atomic.shared.problem.ProblemCode;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/// A problem in the form that OpenAI's clients read, for the routes that speak to them.
public record OpenAiProblem(Detail error) {
    private static final String ROUTES = "/v1/";
    private static final String RATE_LIMIT_EXCEEDED = "rate_limit_exceeded";

    /// @param type what kind of error it is, for clients that don't know `code`
    /// @param param the field that is to blame; null for none
    /// @param code the problem's own, e.g. `queue_full`, but for a caller's limits OpenAI's, which
    ///   programs look for
    public record Detail(String message, String type, @Nullable String param, String code) {}

    public static OpenAiProblem of(ProblemException refusal) {
        return of(Problem.of(refusal));
    }

    static OpenAiProblem of(Problem problem) {
        String param = problem.errors().stream().findFirst().map(FieldError::field).orElse(null);
        return new OpenAiProblem(
                new Detail(problem.detail(), type(problem.status()), param, code(problem.code())));
    }

    /// Whether the request was made to a route of OpenAI's shapes.
    static boolean isFor(HttpServletRequest request) {
        Object original = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
        @Nullable String path = original instanceof String uri ? uri : request.getRequestURI();
        // Tomcat has none for a request that it couldn't read.
        return path != null && path.startsWith(ROUTES);
    }

    private static String code(String ours) {
        return ours.startsWith(ProblemCode.OF_TENANT_LIMITS) ? RATE_LIMIT_EXCEEDED : ours;
    }

    private static String type(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 429 -> "rate_limit_error";
            default -> status >= 500 ? "server_error" : "invalid_request_error";
        };
    }
}
