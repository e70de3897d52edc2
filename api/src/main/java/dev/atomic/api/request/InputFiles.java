package dev.atomic.api.request;

import dev.atomic.shared.file.FilePath;
import dev.atomic.shared.file.SourceFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads lists of files. The sandbox's bounds hold for all lists of a body together, because they
/// meet in one workspace; a path may be in two lists, where the second takes the first's place.
final class InputFiles {
    private static final Set<String> FIELDS = Set.of("path", "content", "encoding");

    private int count;
    private long bytes;

    /// @return the files without those that are wrong, which are noted; empty when there is no list
    List<SourceFile> read(Fields body, String name) {
        List<SourceFile> files = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        Set<String> directories = new HashSet<>();
        body.objects(
                name,
                FilePath.MAX_FILES,
                file -> {
                    file.only(FIELDS);
                    String path = path(file, taken, directories);
                    byte[] content = content(file);
                    if (path != null && content != null) {
                        bytes += content.length;
                        count++;
                        // Beyond that the list is refused; there is no need to hold it all.
                        if (bytes <= FilePath.MAX_TOTAL_BYTES) {
                            files.add(new SourceFile(path, content));
                        }
                    }
                });
        if (count > FilePath.MAX_FILES) {
            body.wrong(name, "brings the total to more than " + FilePath.MAX_FILES + " files");
        }
        if (bytes > FilePath.MAX_TOTAL_BYTES) {
            body.wrong(name, "brings the total to more than 8 MiB");
        }
        return files;
    }

    private static @Nullable String path(Fields file, Set<String> taken, Set<String> directories) {
        // Longer ones are refused by their bytes below.
        String path = file.text("path", 0, FilePath.MAX_BYTES);
        if (path == null) {
            if (!file.has("path")) {
                file.wrong("path", "is missing");
            }
            return null;
        }
        Optional<String> refusal = FilePath.refusal(path);
        if (refusal.isPresent()) {
            file.wrong("path", refusal.get());
            return null;
        }
        String key = FilePath.key(path);
        if (!taken.add(key) || directories.contains(key)) {
            file.wrong("path", "is given twice (case is ignored)");
            return null;
        }
        for (int slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) {
            String directory = key.substring(0, slash);
            directories.add(directory);
            if (taken.contains(directory)) {
                file.wrong("path", "is below a path that is a file");
                return null;
            }
        }
        return path;
    }

    private static byte @Nullable [] content(Fields file) {
        String encoding = file.choice("encoding", List.of("utf-8", "base64"), value -> value);
        // Code points and base64 digits are never more than this many for what is allowed.
        String text = file.text("content", 0, FilePath.MAX_TOTAL_BYTES * 2);
        if (text == null) {
            if (!file.has("content")) {
                file.wrong("content", "is missing");
            }
            return null;
        }
        byte[] content;
        try {
            content =
                    "base64".equals(encoding)
                            ? Base64.getDecoder().decode(text)
                            : text.getBytes(StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            file.wrong("content", "isn't base64");
            return null;
        }
        if (content.length > FilePath.MAX_FILE_BYTES) {
            file.wrong("content", "has more than 1 MiB");
            return null;
        }
        return content;
    }
}
