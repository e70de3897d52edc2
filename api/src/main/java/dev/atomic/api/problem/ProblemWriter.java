package dev.atomic.api.problem;

import dev.atomic.shared.Json;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// Writes a problem as the whole answer, where no controller is at hand: filters, the server's own
/// errors.
public final class ProblemWriter {
    /// The media type of RFC 9457.
    public static final String MEDIA_TYPE = "application/problem+json";

    private ProblemWriter() {}

    /// Does nothing when an answer is under way already.
    public static void write(HttpServletResponse response, ProblemException refusal)
            throws IOException {
        if (response.isCommitted()) {
            return;
        }
        byte[] body = Json.write(Problem.of(refusal)).getBytes(StandardCharsets.UTF_8);
        response.resetBuffer();
        response.setStatus(refusal.status());
        response.setContentType(MEDIA_TYPE);
        response.setContentLength(body.length);
        response.setHeader("Cache-Control", "no-store");
        Integer retryAfter = refusal.retryAfterSeconds();
        if (retryAfter != null) {
            response.setHeader("Retry-After", retryAfter.toString());
        }
        response.getOutputStream().write(body);
        response.flushBuffer();
    }
}
