package dev.atomic.api.problem;

import dev.atomic.shared.Json;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// Writes a problem as the whole answer, where no controller is at hand: filters, the server's own
/// errors.
public final class ProblemWriter {
    /// The media type of RFC 9457.
    public static final String MEDIA_TYPE = "application/problem+json";

    private ProblemWriter() {}

    /// In the form that the client of the route reads. Does nothing when an answer is under way.
    public static void write(
            HttpServletRequest request, HttpServletResponse response, ProblemException refusal)
            throws IOException {
        if (OpenAiProblem.isFor(request)) {
            write(response, refusal, "application/json", OpenAiProblem.of(refusal));
        } else {
            write(response, refusal);
        }
    }

    /// Does nothing when an answer is under way already.
    public static void write(HttpServletResponse response, ProblemException refusal)
            throws IOException {
        write(response, refusal, MEDIA_TYPE, Problem.of(refusal));
    }

    private static void write(
            HttpServletResponse response, ProblemException refusal, String type, Object problem)
            throws IOException {
        if (response.isCommitted()) {
            return;
        }
        byte[] body = Json.write(problem).getBytes(StandardCharsets.UTF_8);
        response.resetBuffer();
        response.setStatus(refusal.status());
        response.setContentType(type);
        response.setContentLength(body.length);
        response.setHeader("Cache-Control", "no-store");
        refusal.headers().forEach(response::setHeader);
        response.getOutputStream().write(body);
        response.flushBuffer();
    }
}
