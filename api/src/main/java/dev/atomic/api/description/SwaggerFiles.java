package dev.atomic.api.description;

import dev.atomic.shared.file.FileStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.core.io.ByteArrayResource;

/// Swagger UI's script and style, which the build has taken out of its package, and a page of ours
/// that loads them (1.7 MB in all).
///
/// Immutable.
final class SwaggerFiles {
    private static final Map<String, String> TYPES =
            Map.of(
                    "index.html", "text/html;charset=UTF-8",
                    "start.js", "text/javascript;charset=UTF-8",
                    "page.css", "text/css;charset=UTF-8",
                    "swagger-ui-bundle.js", "text/javascript;charset=UTF-8",
                    "swagger-ui.css", "text/css;charset=UTF-8",
                    "licenses.txt", "text/plain;charset=UTF-8");

    private final Map<String, Asset> assets = new TreeMap<>();

    /// @param tag names this content, for `ETag`
    record Asset(String type, ByteArrayResource content, String tag) {}

    SwaggerFiles() {
        TYPES.forEach((name, type) -> {
            byte[] content = read(name);
            String tag = '"' + FileStore.sha256(content).substring(0, 16) + '"';
            assets.put(name, new Asset(type, new ByteArrayResource(content), tag));
        });
    }

    Optional<Asset> find(String name) {
        return Optional.ofNullable(assets.get(name));
    }

    private static byte[] read(String name) {
        try (InputStream in =
                Objects.requireNonNull(
                        SwaggerFiles.class.getResourceAsStream("/swagger-ui/" + name), name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
