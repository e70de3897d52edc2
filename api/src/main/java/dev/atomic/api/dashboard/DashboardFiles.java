package dev.atomic.api.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.springframework.core.io.ByteArrayResource;

/// The dashboard's page, scripts and styles, out of JobRunr's jar.
///
/// Its scripts ask for `/api/…` and `/sse/…`, which are other things here, and ask the vendor for
/// news and the newest version; all three are turned to routes below `/dashboard`. Each file is
/// read and rewritten once (1.4 MB in all).
///
/// Thread-safe.
final class DashboardFiles {
    private static final String ROOT = "/org/jobrunr/dashboard/frontend/build/";

    /// No segment begins with a dot, so there is no way up.
    private static final Pattern NAME =
            Pattern.compile("(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*");

    private static final Map<String, String> TYPES =
            Map.of(
                    "js", "text/javascript;charset=UTF-8",
                    "css", "text/css;charset=UTF-8",
                    "json", "application/manifest+json",
                    "txt", "text/plain;charset=UTF-8",
                    "png", "image/png",
                    "ico", "image/x-icon");

    private final Map<String, Optional<Asset>> read = new ConcurrentHashMap<>();

    /// @param tag names this content, for `ETag`
    record Asset(String type, ByteArrayResource content, String tag) {}

    /// A file by its path below `/dashboard/`; empty for what is none.
    Optional<Asset> find(String path) {
        if (path.length() > 200
                || !NAME.matcher(path).matches()
                || !TYPES.containsKey(extension(path))) {
            return Optional.empty();
        }
        Optional<Asset> known = read.get(path);
        if (known == null) {
            known = read(path).map(content -> asset(path, content));
            // What isn't there is not remembered: there is no end of such names.
            known.ifPresent(asset -> read.put(path, Optional.of(asset)));
        }
        return known;
    }

    /// The page that loads the rest.
    ///
    /// @param nonce lets its scripts run under the page's policy
    String page(String nonce) {
        return new String(read("index.html").orElseThrow(), UTF_8).replace("%CSP_NONCE%", nonce);
    }

    private static Asset asset(String path, byte[] content) {
        byte[] served =
                path.endsWith(".js")
                        ? rewrite(new String(content, UTF_8)).getBytes(UTF_8)
                        : content;
        return new Asset(
                TYPES.getOrDefault(extension(path), ""),
                new ByteArrayResource(served),
                tag(served));
    }

    static String rewrite(String script) {
        return DashboardWords.change(script)
                .replace("\"/api/", "\"/dashboard/api/")
                .replace("\"/sse/", "\"/dashboard/sse/")
                .replace("\"https://api.jobrunr.io/", "\"/dashboard/api/vendor/");
    }

    private static Optional<byte[]> read(String path) {
        try (InputStream in = DashboardFiles.class.getResourceAsStream(ROOT + path)) {
            return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String extension(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    private static String tag(byte[] content) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
            return '"' + HexFormat.of().formatHex(hash, 0, 8) + '"';
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
