package dev.atomic.worker.sandbox.http;

import dev.atomic.shared.verify.Exchange;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A request as HTTP/1.1 has it. Names, values, method and path were checked when they were
/// admitted. Pure.
final class RequestBytes {
    private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");

    private RequestBytes() {}

    /// @param cookies what was kept; the caller's own header goes before it
    static byte[] of(Exchange exchange, int port, Optional<String> cookies) {
        StringBuilder head = new StringBuilder();
        head.append(exchange.method()).append(' ').append(exchange.path()).append(" HTTP/1.1\r\n");
        if (!has(exchange, "host")) {
            line(head, "Host", "127.0.0.1:" + port);
        }
        for (Map.Entry<String, String> header : exchange.headers().entrySet()) {
            line(head, header.getKey(), header.getValue());
        }
        if (!has(exchange, "accept")) {
            line(head, "Accept", "*/*");
        }
        if (!has(exchange, "cookie")) {
            cookies.ifPresent(value -> line(head, "Cookie", value));
        }
        String text = exchange.body();
        byte[] body = text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
        if (text != null || WITH_BODY.contains(exchange.method())) {
            line(head, "Content-Length", Integer.toString(body.length));
        }
        line(head, "Connection", "close");
        head.append("\r\n");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        // A cookie's value is the program's own bytes, one a character.
        bytes.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        bytes.writeBytes(body);
        return bytes.toByteArray();
    }

    private static boolean has(Exchange exchange, String name) {
        return exchange.headers().keySet().stream().anyMatch(name::equalsIgnoreCase);
    }

    private static void line(StringBuilder head, String name, String value) {
        head.append(name).append(": ").append(value).append("\r\n");
    }
}
