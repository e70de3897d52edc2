package dev.atomic.api.access;

import dev.atomic.api.problem.DatabaseAway;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.ProblemWriter;
import dev.atomic.api.tenant.Caller;
import dev.atomic.api.tenant.Scope;
import dev.atomic.shared.problem.ProblemCode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.CredentialsExpiredException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.authentication.AuthenticationFailureHandler;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.security.web.firewall.RequestRejectedHandler;

/// What Spring Security refuses is answered as everything else is: a problem with a stable code.
final class Refusals
        implements AuthenticationEntryPoint,
                AuthenticationFailureHandler,
                AccessDeniedHandler,
                RequestRejectedHandler {
    private static final String BEARER = "Bearer realm=\"atomic\"";

    /// Browsers ask for a password only where pages are.
    private static final String BASIC =
            "Basic realm=\"Atomic: any name, an API key as the password\", charset=\"UTF-8\"";

    @Override
    public void commence(
            HttpServletRequest request, HttpServletResponse response, AuthenticationException why)
            throws IOException {
        if (why instanceof TryLater) {
            ProblemWriter.write(
                    request, response, DatabaseAway.problem(String.valueOf(why.getMessage())));
            return;
        }
        boolean wrong =
                why instanceof BadCredentialsException
                        || why instanceof CredentialsExpiredException;
        response.addHeader(
                "WWW-Authenticate", wrong ? BEARER + ", error=\"invalid_token\"" : BEARER);
        if (Route.of(request).map(Route::isPage).orElse(false)) {
            response.addHeader("WWW-Authenticate", BASIC);
        }
        String detail =
                wrong
                        ? String.valueOf(why.getMessage())
                        : "This needs an API key: Authorization: Bearer KEY, or X-API-Key: KEY.";
        ProblemWriter.write(
                request, response, new ProblemException(ProblemCode.UNAUTHORIZED, detail));
    }

    @Override
    public void onAuthenticationFailure(
            HttpServletRequest request, HttpServletResponse response, AuthenticationException why)
            throws IOException {
        commence(request, response, why);
    }

    @Override
    public void handle(
            HttpServletRequest request, HttpServletResponse response, AccessDeniedException why)
            throws IOException {
        Scope[] oneOf = Route.oneOf(request).stream().sorted().toArray(Scope[]::new);
        response.setHeader(
                "WWW-Authenticate",
                BEARER
                        + ", error=\"insufficient_scope\", scope=\""
                        + Scope.join(Route.oneOf(request))
                        + "\"");
        ProblemWriter.write(request, response, Caller.insufficient(oneOf));
    }

    @Override
    public void handle(
            HttpServletRequest request, HttpServletResponse response, RequestRejectedException why)
            throws IOException {
        ProblemWriter.write(
                request,
                response,
                new ProblemException(ProblemCode.INVALID_REQUEST, "The address can't be read."));
    }
}
