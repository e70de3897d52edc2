package dev.atomic.api.access;

import dev.atomic.api.key.Secret;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.authentication.AuthenticationConverter;
import org.springframework.security.web.authentication.www.BasicAuthenticationConverter;

/// Takes the credential out of a request: `Authorization: Bearer` or `X-API-Key`; on pages that
/// people open, the password of `Authorization: Basic`; for a stream of events, a ticket in its
/// address.
///
/// Two credentials are refused, whether or not they are the same: what is in front of us might look
/// at the one and we at the other.
final class Credentials implements AuthenticationConverter {
    /// RFC 6750 section 2.1. It bounds what is hashed or parsed after this.
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]{1,4096}={0,2}");

    private static final Pattern BEARER = Pattern.compile("(?i:bearer) +(\\S+)");
    private static final Pattern BASIC = Pattern.compile("(?i:basic)( .*)?");

    /// What a page opens without being able to send a header: WebSocket and `EventSource`.
    private static final Pattern STREAM =
            Pattern.compile("/ws/stream|/api/jobs/[0-9a-fA-F-]{36}/events");

    private final BasicAuthenticationConverter basic = new BasicAuthenticationConverter();

    Credentials() {
        basic.setCredentialsCharset(StandardCharsets.UTF_8);
    }

    /// @return null when there is none
    @Override
    public @Nullable Authentication convert(HttpServletRequest request) {
        List<String> found = new ArrayList<>(Collections.list(request.getHeaders("X-API-Key")));
        for (String header : Collections.list(request.getHeaders("Authorization"))) {
            if (!BASIC.matcher(header).matches()) {
                found.add(bearer(header));
            } else if (Route.of(request).map(Route::isPage).orElse(false)) {
                found.add(password(request));
            }
            // Elsewhere Basic is no credential: a browser that knows a password for the dashboard
            // adds it to whatever it asks of this address.
        }
        List<String> tickets = tickets(request);
        if (found.size() + tickets.size() > 1) {
            throw new BadCredentialsException("There is more than one credential; send one.");
        }
        if (!tickets.isEmpty()) {
            if (!tickets.getFirst().startsWith(Secret.TICKET_PREFIX)) {
                throw new BadCredentialsException(
                        "What is in the address is no ticket; a key goes into a header.");
            }
            return token(tickets.getFirst());
        }
        if (found.isEmpty()) {
            return null;
        }
        String text = found.getFirst();
        if (!TOKEN.matcher(text).matches() || text.startsWith(Secret.TICKET_PREFIX)) {
            throw new BadCredentialsException("The credential isn't a key or a token.");
        }
        return token(text);
    }

    private static String bearer(String header) {
        Matcher bearer = BEARER.matcher(header);
        if (!bearer.matches()) {
            throw new BadCredentialsException("Authorization must be: Bearer, a space, the key.");
        }
        return bearer.group(1);
    }

    /// Of whatever user name.
    private String password(HttpServletRequest request) {
        UsernamePasswordAuthenticationToken given = basic.convert(request);
        return given == null ? "" : String.valueOf(given.getCredentials());
    }

    /// Only the query: asking the request for its parameters might read its body.
    private static List<String> tickets(HttpServletRequest request) {
        String query = request.getQueryString();
        if (query == null || !STREAM.matcher(request.getRequestURI()).matches()) {
            return List.of();
        }
        return Arrays.stream(query.split("&", 20))
                .filter(parameter -> parameter.startsWith("ticket="))
                .map(parameter -> parameter.substring("ticket=".length()))
                .toList();
    }

    private static Authentication token(String text) {
        return UsernamePasswordAuthenticationToken.unauthenticated("", text);
    }
}
