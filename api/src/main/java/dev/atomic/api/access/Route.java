package dev.atomic.api.access;

import static dev.atomic.api.tenant.Scope.ADMIN;
import static dev.atomic.api.tenant.Scope.EXECUTE;
import static dev.atomic.api.tenant.Scope.READ;
import static dev.atomic.api.tenant.Scope.SUBMIT;

import dev.atomic.api.tenant.Scope;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.http.HttpMethod;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;

/// Who may use a route. The first rule that fits decides; where none does, `admin` is needed, and a
/// test fails: it asks the running application for its routes.
///
/// @param oneOf the scopes of which one is enough; empty: everybody, without a credential
/// @param isPage whether a person opens it in a browser, which can send a key only as a password
public record Route(
        HttpMethod method, String pattern, Set<Scope> oneOf, boolean isPage, RequestMatcher path)
        implements RequestMatcher {
    private static final Set<Scope> ANY = Set.of(SUBMIT, READ, EXECUTE, ADMIN);
    private static final HttpMethod GET = HttpMethod.GET;
    private static final HttpMethod POST = HttpMethod.POST;
    private static final HttpMethod DELETE = HttpMethod.DELETE;

    public static final List<Route> ALL =
            List.of(
                    // The console's page asks for the key; it holds nothing that isn't published.
                    everybody("/"),
                    everybody("/console/**"),
                    // What load balancers and service managers ask: whether, and not what.
                    everybody("/actuator/health/liveness"),
                    everybody("/actuator/health/readiness"),
                    api(POST, "/api/jobs", SUBMIT),
                    api(POST, "/api/generate", SUBMIT),
                    api(POST, "/v1/responses", SUBMIT),
                    api(POST, "/v1/chat/completions", SUBMIT),
                    api(POST, "/api/execute", EXECUTE),
                    api(POST, "/api/jobs/{id}/retry", SUBMIT, EXECUTE),
                    api(POST, "/api/jobs/{id}/cancel", SUBMIT, EXECUTE),
                    api(POST, "/v1/responses/{id}/cancel", SUBMIT, EXECUTE),
                    api(DELETE, "/api/jobs/{id}", SUBMIT, EXECUTE),
                    api(DELETE, "/v1/responses/{id}", SUBMIT, EXECUTE),
                    api(GET, "/api/jobs/**", READ),
                    api(GET, "/v1/responses/**", READ),
                    api(GET, "/api/metrics", READ),
                    // For the receiver of what their jobs send.
                    api(GET, "/api/webhooks/secret", SUBMIT),
                    any(GET, "/api/models"),
                    any(GET, "/v1/models/**"),
                    any(GET, "/health"),
                    any(POST, "/api/tickets"),
                    // What a message asks is looked at when it comes.
                    any(POST, "/mcp"),
                    any(GET, "/ws/stream"),
                    api(POST, "/api/keys", ADMIN),
                    api(GET, "/api/keys", ADMIN),
                    api(DELETE, "/api/keys/{id}", ADMIN),
                    // It shows the jobs of all tenants.
                    page("/dashboard/**", Set.of(ADMIN)),
                    page("/actuator/**", Set.of(READ)),
                    page("/v3/api-docs", ANY),
                    page("/v3/api-docs.yaml", ANY),
                    page("/swagger-ui/**", ANY),
                    page("/swagger-ui.html", ANY),
                    // Reached by errors alone, which are let through.
                    new Route(GET, "/error", Set.of(ADMIN), false));

    private Route(HttpMethod method, String pattern, Set<Scope> oneOf, boolean isPage) {
        this(method, pattern, oneOf, isPage, PathPatternRequestMatcher.pathPattern(pattern));
    }

    private static Route everybody(String pattern) {
        return new Route(GET, pattern, Set.of(), false);
    }

    private static Route api(HttpMethod method, String pattern, Scope... oneOf) {
        return new Route(method, pattern, Set.of(oneOf), false);
    }

    private static Route any(HttpMethod method, String pattern) {
        return new Route(method, pattern, ANY, false);
    }

    private static Route page(String pattern, Set<Scope> oneOf) {
        return new Route(GET, pattern, oneOf, true);
    }

    static Optional<Route> of(HttpServletRequest request) {
        return ALL.stream().filter(route -> route.matches(request)).findFirst();
    }

    /// A caller that may GET may HEAD.
    @Override
    public boolean matches(HttpServletRequest request) {
        String asked = request.getMethod().equals("HEAD") ? "GET" : request.getMethod();
        return method.name().equals(asked) && path.matches(request);
    }

    boolean isForEverybody() {
        return oneOf.isEmpty();
    }

    /// The scopes that allow a request, the least of them first.
    static Set<Scope> oneOf(HttpServletRequest request) {
        return of(request).map(Route::oneOf).orElse(Set.of(ADMIN));
    }
}
