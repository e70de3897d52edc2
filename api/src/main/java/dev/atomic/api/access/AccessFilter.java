package dev.atomic.api.access;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.ProblemWriter;
import dev.atomic.shared.access.AccessRules;
import dev.atomic.shared.problem.ProblemCode;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.Optional;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/// Applies [AccessRules] to every request, the WebSocket handshake included, before anything else
/// sees it, and gives every answer the headers that keep a browser from making more of it than it
/// is.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
public final class AccessFilter extends OncePerRequestFilter {
    private static final String NOTHING =
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    private static final String METHODS = "GET, HEAD, POST, DELETE, OPTIONS";
    private static final String REQUEST_HEADERS =
            "Accept, Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID,"
                    + " Prefer, X-API-Key, X-Request-Id,"
                    // What OpenAI's libraries send of themselves.
                    + " OpenAI-Organization, OpenAI-Project, X-Stainless-Arch,"
                    + " X-Stainless-Helper-Method, X-Stainless-Lang, X-Stainless-OS,"
                    + " X-Stainless-Package-Version, X-Stainless-Retry-Count,"
                    + " X-Stainless-Runtime, X-Stainless-Runtime-Version, X-Stainless-Timeout,"
                    // What clients of MCP send.
                    + " MCP-Protocol-Version, Mcp-Method, Mcp-Name, Mcp-Session-Id";
    private static final String ANSWER_HEADERS =
            "ETag, Idempotency-Replayed, Location, Preference-Applied, RateLimit, RateLimit-Policy,"
                    + " Retry-After, X-Request-Id";

    private final AccessRules rules;

    public AccessFilter(AccessRules rules) {
        this.rules = rules;
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        protect(response);
        Optional<AccessRules.Refusal> refused = rules.refusal(facts(request));
        if (refused.isPresent()) {
            AccessRules.Refusal why = refused.get();
            if (why.code() == ProblemCode.UNAUTHORIZED) {
                response.setHeader("WWW-Authenticate", "Bearer");
            }
            ProblemWriter.write(request, response, new ProblemException(why.code(), why.detail()));
            return;
        }
        String origin = request.getHeader("Origin");
        if (origin != null && rules.isAllowedOrigin(origin)) {
            response.setHeader("Access-Control-Allow-Origin", origin);
            response.setHeader("Access-Control-Expose-Headers", ANSWER_HEADERS);
            if (isPreflight(request)) {
                answerPreflight(request, response);
                return;
            }
        }
        chain.doFilter(request, response);
    }

    /// A page of ours that needs more sets the header again itself.
    private static void protect(HttpServletResponse response) {
        response.setHeader("Content-Security-Policy", NOTHING);
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("X-Frame-Options", "DENY");
        response.setHeader("Referrer-Policy", "no-referrer");
        response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
        response.addHeader("Vary", "Origin");
    }

    private static boolean isPreflight(HttpServletRequest request) {
        return request.getMethod().equals("OPTIONS")
                && request.getHeader("Access-Control-Request-Method") != null;
    }

    private static void answerPreflight(HttpServletRequest request, HttpServletResponse response) {
        response.setHeader("Access-Control-Allow-Methods", METHODS);
        response.setHeader("Access-Control-Allow-Headers", REQUEST_HEADERS);
        response.setHeader("Access-Control-Max-Age", "600");
        if (request.getHeader("Access-Control-Request-Private-Network") != null) {
            response.setHeader("Access-Control-Allow-Private-Network", "true");
        }
        response.setStatus(HttpServletResponse.SC_NO_CONTENT);
    }

    private static AccessRules.Facts facts(HttpServletRequest request) {
        return AccessRules.Facts.of(
                Collections.list(request.getHeaderNames()),
                name -> Collections.list(request.getHeaders(name)),
                request.getRemoteAddr(),
                request.getLocalPort());
    }
}
