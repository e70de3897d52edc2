package dev.atomic.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.RunningApi;
import dev.atomic.db.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The rules on real routes, spoken by hand: Java's own client sets `Host` itself.
class AccessIT {
    private static final String FRONT = "http://localhost:3000";
    private static final String HANDSHAKE =
            """
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            """;

    private static TestDatabase database;
    private static RunningApi api;

    @BeforeAll
    static void start() throws Exception {
        database = TestDatabase.h2();
        Map<String, String> variables = new HashMap<>(database.variables());
        variables.put("ATOMIC_ALLOWED_ORIGINS", FRONT);
        // Where Spring Boot has settings of its own for headers of proxies.
        api = RunningApi.on(variables, Map.of("spring.main.cloud-platform", "kubernetes"));
    }

    @AfterAll
    static void stop() {
        api.close();
        database.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /api/jobs/x",
                "POST /api/jobs",
                "DELETE /api/jobs/x",
                "GET /",
                "GET /nowhere",
                "GET /dashboard",
                "GET /dashboard/api/jobs",
                "GET /swagger-ui/index.html",
                "GET /v3/api-docs",
                "GET /actuator/health",
                "GET /actuator/prometheus",
                "GET /ws/stream",
                "POST /v1/responses",
                "GET /v1/models",
                "POST /mcp",
                "OPTIONS /api/jobs"
            })
    void everyRouteKeepsTheRules(String route) throws Exception {
        // A name of somebody else's that was made to point here.
        String rebound = ask(route, "evil.example:" + api.port(), "");
        assertThat(rebound).startsWith("HTTP/1.1 421").contains("misdirected_request");
        String page = ask(route, own(), "Origin: http://evil.example\r\n");
        assertThat(page).startsWith("HTTP/1.1 403").contains("ATOMIC_ALLOWED_ORIGINS");
        assertThat(ask(route, own(), "Sec-Fetch-Site: cross-site\r\n")).startsWith("HTTP/1.1 403");
        for (String header :
                new String[] {"X-Forwarded-For", "x-forwarded-x", "Forwarded", "Via"}) {
            assertThat(ask(route, own(), header + ": 1.2.3.4\r\n"))
                    .as(header)
                    .startsWith("HTTP/1.1 401")
                    .contains("WWW-Authenticate: Bearer");
        }
        assertThat(rebound)
                .contains(route.contains("/v1/") ? "application/json" : "application/problem+json")
                .contains("X-Request-Id: ")
                .contains("X-Content-Type-Options: nosniff")
                .contains("X-Frame-Options: DENY")
                .contains("Referrer-Policy: no-referrer")
                .contains("Content-Security-Policy: default-src 'none'");
    }

    @Test
    void theHandshakeKeepsTheRules() throws Exception {
        String evil = HANDSHAKE + "Origin: http://evil.example\r\n";
        assertThat(ask("GET /ws/stream", own(), evil)).startsWith("HTTP/1.1 403");
        assertThat(ask("GET /ws/stream", "evil.example", HANDSHAKE)).startsWith("HTTP/1.1 421");
        assertThat(ask("GET /ws/stream", own(), HANDSHAKE)).startsWith("HTTP/1.1 101");
        String allowed = HANDSHAKE + "Origin: " + FRONT + "\r\n";
        assertThat(ask("GET /ws/stream", own(), allowed)).startsWith("HTTP/1.1 101");
        String ours = HANDSHAKE + "Origin: http://" + own() + "\r\n";
        assertThat(ask("GET /ws/stream", own(), ours)).startsWith("HTTP/1.1 101");
    }

    @Test
    void anAllowedOriginHasCorsWithItsPreflight() throws Exception {
        String preflight =
                ask(
                        "OPTIONS /api/generate",
                        own(),
                        "Origin: "
                                + FRONT
                                + "\r\nAccess-Control-Request-Method: POST\r\n"
                                + "Access-Control-Request-Headers: content-type\r\n");
        assertThat(preflight)
                .startsWith("HTTP/1.1 204")
                .contains("Access-Control-Allow-Origin: " + FRONT)
                .contains("Access-Control-Allow-Methods: GET, HEAD, POST, DELETE")
                .contains("Content-Type");
        assertThat(ask("GET /api/jobs/x", own(), "Origin: " + FRONT + "\r\n"))
                .startsWith("HTTP/1.1 404")
                .contains("Access-Control-Allow-Origin: " + FRONT)
                .contains("Vary: Origin");
        assertThat(ask("GET /api/jobs/x", own(), "Origin: http://" + own() + "\r\n"))
                .startsWith("HTTP/1.1 404")
                .doesNotContain("Access-Control-Allow-Origin");
    }

    @Test
    void withoutAnOriginAProgramIsAnswered() throws Exception {
        for (String host : new String[] {"localhost", "127.0.0.1", "[::1]"}) {
            assertThat(ask("GET /api/jobs/x", host + ":" + api.port(), ""))
                    .startsWith("HTTP/1.1 404");
        }
    }

    private static String own() {
        return "localhost:" + api.port();
    }

    private static String ask(String route, String host, String headers) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
            socket.setSoTimeout(10_000);
            String close = headers.contains("Upgrade") ? "" : "Connection: close\r\n";
            String request =
                    route
                            + " HTTP/1.1\r\nHost: "
                            + host
                            + "\r\n"
                            + close
                            + headers
                            + (route.startsWith("POST") ? "Content-Length: 0\r\n" : "")
                            + "\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            if (close.isEmpty()) {
                return new String(
                        socket.getInputStream().readNBytes(12), StandardCharsets.ISO_8859_1);
            }
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }
}
