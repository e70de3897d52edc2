package dev.atomic.shared.file;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A file of a job. The path is relative and was checked by [FilePath].
///
/// `equals` and `hashCode` compare the bytes.
///
/// @param content the bytes; not copied, because there may be 8 MiB of them, so no one may write to
///   them
@SuppressWarnings("ArrayRecordComponent")
public record SourceFile(String path, byte[] content) {
    public static SourceFile of(String path, String text) {
        return new SourceFile(path, text.getBytes(StandardCharsets.UTF_8));
    }

    /// The content as UTF-8 text, malformed bytes as U+FFFD.
    public String text() {
        return new String(content, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SourceFile file
                && path.equals(file.path)
                && Arrays.equals(content, file.content);
    }

    @Override
    public int hashCode() {
        return 31 * path.hashCode() + Arrays.hashCode(content);
    }

    @Override
    public String toString() {
        return path + " (" + content.length + " bytes)";
    }
}
