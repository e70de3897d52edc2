package dev.atomic.api.relay.socket;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.ProblemWriter;
import dev.atomic.api.tenant.Caller;
import dev.atomic.shared.problem.ProblemCode;
import java.io.IOException;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.socket.WebSocketExtension;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.server.support.DefaultHandshakeHandler;

/// The handshake of `/ws/stream`.
final class StreamSocketHandshake extends DefaultHandshakeHandler {
    private static final String CALLER = "caller";

    /// Messages come on other threads, and long after the request is over.
    @Override
    protected @Nullable Principal determineUser(
            ServerHttpRequest request, WebSocketHandler handler, Map<String, Object> attributes) {
        Authentication authentication =
                Objects.requireNonNull(SecurityContextHolder.getContext().getAuthentication());
        attributes.put(CALLER, (Caller) Objects.requireNonNull(authentication.getPrincipal()));
        return super.determineUser(request, handler, attributes);
    }

    /// Who opened it.
    static Caller caller(WebSocketSession session) {
        return (Caller) Objects.requireNonNull(session.getAttributes().get(CALLER));
    }

    /// No permessage-deflate: a deflater a socket is hundreds of KiB, and bounds on what is
    /// received would count what is still packed.
    @Override
    protected List<WebSocketExtension> filterRequestedExtensions(
            ServerHttpRequest request,
            List<WebSocketExtension> requested,
            List<WebSocketExtension> supported) {
        return List.of();
    }

    @Override
    protected void handleInvalidUpgradeHeader(
            ServerHttpRequest request, ServerHttpResponse response) throws IOException {
        refuse(response);
    }

    @Override
    protected void handleInvalidConnectHeader(
            ServerHttpRequest request, ServerHttpResponse response) throws IOException {
        refuse(response);
    }

    private static void refuse(ServerHttpResponse response) throws IOException {
        response.getHeaders().set("Upgrade", "websocket");
        response.getHeaders().set("Connection", "Upgrade");
        response.flush();
        ProblemWriter.write(
                ((ServletServerHttpResponse) response).getServletResponse(),
                new ProblemException(
                        ProblemCode.UPGRADE_REQUIRED,
                        "This is a WebSocket; connect with ws:// or wss://."));
    }
}
