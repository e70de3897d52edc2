package dev.atomic.api.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/// The console's page, scripts and styles, and the libraries that the build has put beside them,
/// each held as it is and compressed (0.7 MB in all).
///
/// Immutable.
final class ConsoleFiles {
    private static final String ROOT = "console/";
    private static final String PAGE = "index.html";

    /// Stands in the page for where the version's files are.
    private static final String BASE = "{{base}}";

    private static final Map<String, String> TYPES =
            Map.of(
                    "html", "text/html;charset=UTF-8",
                    "js", "text/javascript;charset=UTF-8",
                    "css", "text/css;charset=UTF-8",
                    "svg", "image/svg+xml",
                    "txt", "text/plain;charset=UTF-8");

    private final Map<String, Asset> assets = new TreeMap<>();
    private final String version;

    /// @param gzip the same, compressed
    record Asset(String type, ByteArrayResource content, ByteArrayResource gzip) {}

    ConsoleFiles() {
        Map<String, byte[]> contents = contents();
        this.version = version(contents);
        contents.forEach((name, content) -> assets.put(name, asset(name, content)));
    }

    /// Names the contents of all files together: it stands in their addresses, so that a browser
    /// may keep them for good and never mixes two versions.
    String version() {
        return version;
    }

    Asset page() {
        return find(PAGE).orElseThrow();
    }

    /// A file by its path below the version's folder.
    Optional<Asset> find(String path) {
        return Optional.ofNullable(assets.get(path));
    }

    private Asset asset(String name, byte[] content) {
        byte[] served =
                name.equals(PAGE)
                        ? new String(content, UTF_8)
                                .replace(BASE, "/console/" + version)
                                .getBytes(UTF_8)
                        : content;
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        if (type == null) {
            throw new IllegalStateException("the console has a file of no known type: " + name);
        }
        return new Asset(type, new ByteArrayResource(served), new ByteArrayResource(gzip(served)));
    }

    private static Map<String, byte[]> contents() {
        Map<String, byte[]> contents = new TreeMap<>();
        try {
            Resource[] all =
                    new PathMatchingResourcePatternResolver()
                            .getResources("classpath:/" + ROOT + "**/*.*");
            for (Resource resource : all) {
                String url = resource.getURL().toString();
                contents.put(
                        url.substring(url.lastIndexOf('/' + ROOT) + ROOT.length() + 1),
                        resource.getContentAsByteArray());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return contents;
    }

    private static String version(Map<String, byte[]> contents) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            contents.forEach((name, content) -> {
                digest.update(name.getBytes(UTF_8));
                digest.update(content);
            });
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static byte[] gzip(byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
