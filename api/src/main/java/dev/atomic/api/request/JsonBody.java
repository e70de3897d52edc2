package dev.atomic.api.request;

import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.shared.Json;
import dev.atomic.shared.problem.ProblemCode;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;

/// Reads a request's body as JSON, with bounds that don't trust the length the client states.
///
/// What is held meanwhile is taken from the requests' common budget before it is held: the bytes as
/// they arrive, the tree before it is built, the files in it before they are decoded. It is given
/// back by the share's opener.
public final class JsonBody {
    /// Most bytes of a body.
    private static final int MAX_BYTES = 1 << 20;

    /// Most bytes of a body with files.
    private static final int MAX_BYTES_WITH_FILES = 12 << 20;

    /// Most bytes that files decode to before they are refused: the most that is allowed, and one
    /// more.
    private static final long MAX_DECODED = 9 << 20;

    private JsonBody() {}

    /// @param share pays for the body, and for all that is made of it until the job is admitted
    /// @throws ProblemException `payload_too_large`, `malformed_json`, `unsupported_media_type`, or
    ///   `unavailable` when it doesn't fit beside what other requests hold
    public static JsonNode read(HttpServletRequest request, RequestMemory.Share share)
            throws IOException {
        String encoding = request.getHeader("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new ProblemException(
                    ProblemCode.UNSUPPORTED_MEDIA_TYPE,
                    "Content-Encoding " + encoding + " isn't supported.");
        }
        if (request.getContentLengthLong() > MAX_BYTES_WITH_FILES) {
            throw tooLarge();
        }
        BodyBytes body = new BodyBytes();
        try (InputStream in = request.getInputStream()) {
            if (!body.fill(in, MAX_BYTES_WITH_FILES, share)) {
                throw tooLarge();
            }
        }
        JsonCost cost = body.cost();
        // The bytes were taken already, and are let go of as the tree grows.
        share.take(
                cost.tree()
                        - cost.bytes()
                        + Math.max(cost.parser(), Math.min(cost.bytes(), MAX_DECODED)));
        return parse(body, cost.bytes());
    }

    /// Reads what is held already.
    ///
    /// @param share pays for the tree, in addition to these bytes
    /// @throws ProblemException `payload_too_large`, `malformed_json` or `unavailable`
    static JsonNode parse(byte[] body, RequestMemory.Share share) {
        JsonCost cost = new JsonCost();
        cost.add(body, 0, body.length);
        share.take(cost.tree() + cost.parser());
        return parse(new ByteArrayInputStream(body), body.length);
    }

    /// Reads what is held already, by a caller that has taken what it costs.
    ///
    /// @throws ProblemException `payload_too_large` or `malformed_json`
    static JsonNode parse(byte[] body) {
        new JsonCost().add(body, 0, body.length);
        return parse(new ByteArrayInputStream(body), body.length);
    }

    private static JsonNode parse(InputStream body, long length) {
        // Decoded strictly on the way: Jackson would take other encodings and repair bad ones.
        Reader text = new InputStreamReader(body, StandardCharsets.UTF_8.newDecoder());
        JsonNode node;
        try {
            node = Json.STRICT.readTree(text);
        } catch (JacksonException e) {
            throw length > MAX_BYTES ? tooLarge() : malformed(reason(e));
        }
        if (node.isMissingNode()) {
            throw malformed("it is empty");
        }
        if (length > MAX_BYTES && !mayBeLarge(node)) {
            throw tooLarge();
        }
        return node;
    }

    private static String reason(JacksonException e) {
        if (e.getCause() instanceof CharacterCodingException) {
            return "it isn't UTF-8";
        }
        // What the parser says of where its input came from means nothing to a caller.
        String message =
                e.getOriginalMessage()
                        .lines()
                        .findFirst()
                        .orElse("")
                        .replaceFirst(" \\(start marker at .*", "");
        TokenStreamLocation at = e.getLocation();
        return at == null
                ? message
                : message + " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
    }

    private static boolean mayBeLarge(JsonNode body) {
        return hasFiles(body) || hasFiles(body.path("params").path("arguments"));
    }

    private static boolean hasFiles(JsonNode body) {
        JsonNode verify = body.path("verify");
        return body.path("files").isArray()
                || verify.path("files").isArray()
                || verify.path("cases").isArray()
                || verify.path("requests").isArray();
    }

    private static ProblemException tooLarge() {
        return new ProblemException(
                ProblemCode.PAYLOAD_TOO_LARGE,
                "The body may have at most 1 MiB, or 12 MiB with files.");
    }

    private static ProblemException malformed(String why) {
        return new ProblemException(
                ProblemCode.MALFORMED_JSON, "The body is not JSON: " + why + ".");
    }
}
