package dev.atomic.api.request;

import dev.atomic.shared.Json;
import java.io.OutputStream;
import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

/// Reads `metadata`: the caller's own, kept and given back as it is.
final class Metadata {
    /// Bytes of its JSON without white space.
    private static final int MAX_BYTES = 16 * 1024;

    private static final int MAX_KEYS = 64;

    /// The object itself is the first level.
    private static final int MAX_DEPTH = 16;

    private static final TypeReference<Map<String, Object>> AS_MAP = new TypeReference<>() {};

    private Metadata() {}

    static Map<String, Object> read(Fields body) {
        if (body.object("metadata") == null) {
            return Map.of();
        }
        JsonNode metadata = java.util.Objects.requireNonNull(body.node("metadata"));
        if (metadata.size() > MAX_KEYS) {
            body.wrong("metadata", "may have " + MAX_KEYS + " keys, not " + metadata.size());
        } else if (depth(metadata) > MAX_DEPTH) {
            body.wrong("metadata", "may be " + MAX_DEPTH + " deep");
        } else if (length(metadata) > MAX_BYTES) {
            body.wrong("metadata", "may have at most 16 KiB");
        } else {
            return Json.STRICT.convertValue(metadata, AS_MAP);
        }
        return Map.of();
    }

    /// Bytes of its JSON, counted as they are written and kept nowhere: there may be 12 MiB.
    private static long length(JsonNode metadata) {
        Count count = new Count();
        Json.STRICT.writeValue(count, metadata);
        return count.bytes;
    }

    private static final class Count extends OutputStream {
        private long bytes;

        @Override
        public void write(int b) {
            bytes++;
        }

        @Override
        public void write(byte[] b, int off, int len) {
            bytes += len;
        }
    }

    // As deep as the parser's own bound on nesting, 500.
    private static int depth(JsonNode node) {
        int deepest = 0;
        for (JsonNode child : node) {
            deepest = Math.max(deepest, depth(child));
        }
        return node.isContainer() ? deepest + 1 : 0;
    }
}
