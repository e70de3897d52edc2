package dev.atomic.shared.file;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/// What a path of a file may be, in and out: relative, at most 512 bytes and 16 deep, no `.` or
/// `..`, no empty part, no part that begins with `-` or `@`, no `\`, no control character. Callers
/// hold paths unique by [#key(String)].
public final class FilePath {
    public static final int MAX_BYTES = 512;
    public static final int MAX_DEPTH = 16;
    public static final int MAX_FILES = 200;
    public static final int MAX_FILE_BYTES = 1 << 20;
    public static final int MAX_TOTAL_BYTES = 8 << 20;

    private FilePath() {}

    /// Why a path is refused; empty when it is allowed.
    public static Optional<String> refusal(String path) {
        if (path.isEmpty()) {
            return Optional.of("is empty");
        }
        if (path.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            return Optional.of("is longer than " + MAX_BYTES + " bytes");
        }
        if (path.startsWith("/")) {
            return Optional.of("must be relative");
        }
        if (path.indexOf('\\') >= 0) {
            return Optional.of("must not contain a backslash");
        }
        if (path.codePoints().anyMatch(FilePath::isForbidden)) {
            return Optional.of("must not contain control characters");
        }
        String[] parts = path.split("/", -1);
        if (parts.length > MAX_DEPTH) {
            return Optional.of("is deeper than " + MAX_DEPTH);
        }
        for (String part : parts) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                return Optional.of("must not contain empty, `.` or `..` parts");
            }
            if (looksLikeAnOption(part)) {
                return Optional.of("must not contain parts that begin with `-` or `@`");
            }
        }
        return Optional.empty();
    }

    /// Whether a program that gets this name as an argument may take it for an option, or for a
    /// file of options.
    public static boolean looksLikeAnOption(String name) {
        return name.startsWith("-") || name.startsWith("@");
    }

    /// What must be unique within a job: file systems that ignore case would drop a twin.
    public static String key(String path) {
        return path.toLowerCase(Locale.ROOT);
    }

    private static boolean isForbidden(int codePoint) {
        return Character.isISOControl(codePoint)
                || Character.getType(codePoint) == Character.FORMAT
                || Character.getType(codePoint) == Character.SURROGATE;
    }
}
