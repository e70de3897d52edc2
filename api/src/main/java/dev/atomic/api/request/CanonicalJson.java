package dev.atomic.api.request;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// A hash of what a JSON value means: independent of white space, of the order of keys and of how a
/// number is spelt (`1`, `1.0`, `1e0`).
public final class CanonicalJson {
    private final MessageDigest digest;

    private CanonicalJson(MessageDigest digest) {
        this.digest = digest;
    }

    /// SHA-256, 64 hexadecimal digits.
    public static String sha256(JsonNode node) {
        try {
            CanonicalJson canonical = new CanonicalJson(MessageDigest.getInstance("SHA-256"));
            canonical.add(node);
            return HexFormat.of().formatHex(canonical.digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// Each value begins with its kind, and texts and containers with their length, so that no two
    /// values give the same bytes.
    private void add(JsonNode node) {
        if (node.isObject()) {
            Map<String, JsonNode> sorted = new TreeMap<>();
            node.properties().forEach(field -> sorted.put(field.getKey(), field.getValue()));
            write('{', Integer.toString(sorted.size()));
            sorted.forEach((name, value) -> {
                write('k', name);
                add(value);
            });
        } else if (node.isArray()) {
            write('[', Integer.toString(node.size()));
            node.forEach(this::add);
        } else if (node.isNumber()) {
            write('n', number(node.decimalValue()));
        } else if (node.isString()) {
            write('s', node.stringValue());
        } else {
            write('l', node.toString());
        }
    }

    private static String number(BigDecimal value) {
        return value.signum() == 0 ? "0" : value.stripTrailingZeros().toString();
    }

    private void write(char kind, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(
                (kind + Integer.toString(bytes.length) + ":").getBytes(StandardCharsets.US_ASCII));
        digest.update(bytes);
    }
}
