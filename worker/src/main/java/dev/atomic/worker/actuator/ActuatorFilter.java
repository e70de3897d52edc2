package dev.atomic.worker.actuator;

import dev.atomic.shared.Json;
import dev.atomic.shared.access.AccessRules;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Optional;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/// Keeps the api's rules of hosts and origins on a worker's actuator too: a browser on the machine
/// could read its metrics for any page, by a name that was made to point here.
///
/// No page is ever let read an answer, so there is no CORS.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class ActuatorFilter implements Filter {
    private final AccessRules rules;

    ActuatorFilter(AccessRules rules) {
        this.rules = rules;
    }

    /// The body of a refusal, RFC 9457.
    private record Problem(String type, String title, int status, String detail, String code) {}

    @Override
    public void doFilter(ServletRequest asked, ServletResponse answered, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest request = (HttpServletRequest) asked;
        HttpServletResponse response = (HttpServletResponse) answered;
        response.setHeader("X-Content-Type-Options", "nosniff");
        Optional<AccessRules.Refusal> refusal =
                rules.refusal(
                        AccessRules.Facts.of(
                                Collections.list(request.getHeaderNames()),
                                name -> Collections.list(request.getHeaders(name)),
                                request.getRemoteAddr(),
                                request.getLocalPort()));
        if (refusal.isPresent()) {
            refuse(response, refusal.get());
        } else {
            chain.doFilter(request, response);
        }
    }

    private static void refuse(HttpServletResponse response, AccessRules.Refusal why)
            throws IOException {
        Problem problem =
                new Problem(
                        "about:blank",
                        why.title(),
                        why.code().status(),
                        why.detail(),
                        why.code().wire());
        byte[] body = Json.write(problem).getBytes(StandardCharsets.UTF_8);
        response.setStatus(why.code().status());
        response.setContentType("application/problem+json");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
