package dev.atomic.api.relay.socket;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.ProblemWriter;
import dev.atomic.shared.problem.ProblemCode;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.server.HandshakeInterceptor;

/// Refuses a handshake by another method than GET as every other route would; Spring's own answer
/// has no body.
final class OnlyGet implements HandshakeInterceptor {
    @Override
    public boolean beforeHandshake(
            ServerHttpRequest request,
            ServerHttpResponse response,
            WebSocketHandler handler,
            Map<String, Object> attributes)
            throws IOException {
        if (request.getMethod().equals(HttpMethod.GET)) {
            return true;
        }
        response.getHeaders().setAllow(Set.of(HttpMethod.GET));
        response.flush();
        ProblemWriter.write(
                ((ServletServerHttpResponse) response).getServletResponse(),
                new ProblemException(
                        ProblemCode.METHOD_NOT_ALLOWED,
                        request.getMethod() + " isn't possible here; GET is."));
        return false;
    }

    @Override
    public void afterHandshake(
            ServerHttpRequest request,
            ServerHttpResponse response,
            WebSocketHandler handler,
            @Nullable Exception failure) {
        // The handler says what there is to say.
    }
}
