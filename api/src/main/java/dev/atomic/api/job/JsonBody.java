package dev.atomic.api.job;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.shared.Json;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;

/// Reads a request's body as JSON, with bounds that don't trust what the client says its length is.
public final class JsonBody {
    /// Most bytes of a body.
    public static final int MAX_BYTES = 1 << 20;

    /// Most bytes of a body with files.
    public static final int MAX_BYTES_WITH_FILES = 12 << 20;

    private JsonBody() {}

    /// @throws ProblemException `payload_too_large`, `malformed_json` or `unsupported_media_type`
    static JsonNode read(HttpServletRequest request) throws IOException {
        String encoding = request.getHeader("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new ProblemException(
                    415, "unsupported_media_type", "Content-Encoding " + encoding + " isn't read.");
        }
        if (request.getContentLengthLong() > MAX_BYTES_WITH_FILES) {
            throw tooLarge();
        }
        byte[] body;
        try (InputStream in = request.getInputStream()) {
            body = in.readNBytes(MAX_BYTES_WITH_FILES + 1);
        }
        if (body.length > MAX_BYTES_WITH_FILES) {
            throw tooLarge();
        }
        return parse(body);
    }

    /// @throws ProblemException `payload_too_large` or `malformed_json`
    static JsonNode parse(byte[] body) {
        JsonNode node;
        try {
            // Decoded strictly first: Jackson would take other encodings and repair bad ones.
            node =
                    Json.STRICT.readTree(
                            StandardCharsets.UTF_8
                                    .newDecoder()
                                    .decode(ByteBuffer.wrap(body))
                                    .toString());
        } catch (CharacterCodingException e) {
            throw body.length > MAX_BYTES ? tooLarge() : malformed("it isn't UTF-8");
        } catch (JacksonException e) {
            throw body.length > MAX_BYTES ? tooLarge() : malformed(reason(e));
        }
        if (node.isMissingNode()) {
            throw malformed("it is empty");
        }
        if (body.length > MAX_BYTES && !mayBeLarge(node)) {
            throw tooLarge();
        }
        return node;
    }

    private static String reason(JacksonException e) {
        // The parser's own talk of where its input came from tells a caller nothing.
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
        return body.path("files").isArray() || body.path("verify").path("files").isArray();
    }

    private static ProblemException tooLarge() {
        return new ProblemException(
                413, "payload_too_large", "The body may have 1 MiB, with files 12 MiB.");
    }

    private static ProblemException malformed(String why) {
        return new ProblemException(400, "malformed_json", "The body is not JSON: " + why + ".");
    }
}
