package dev.atomic.shared.verify;

import org.jspecify.annotations.Nullable;

/// What one case gave.
///
/// @param exitCode null when it was killed or never run, and for an HTTP request
/// @param signal the name of the signal that ended it
/// @param peakMemoryBytes of its largest process; null when not known
/// @param stdout the beginning of what it printed, or of an answer's body
/// @param diff what differs from what was expected, for people; null when nothing does
public record CaseResult(
        String name,
        VerificationStatus status,
        @Nullable Integer exitCode,
        @Nullable String signal,
        long durationMs,
        @Nullable Long peakMemoryBytes,
        @Nullable String stdout,
        @Nullable String diff) {
    /// Most bytes of `stdout`, and of `diff`, as UTF-8.
    public static final int MAX_BYTES = 4 << 10;

    private static final String CUT = "…";
    private static final int CUT_BYTES = 3;

    /// The beginning of a text that fits, with a mark where it was cut.
    public static String beginning(String text) {
        int left = MAX_BYTES;
        int end = 0;
        int fits = 0;
        while (end < text.length()) {
            int point = text.codePointAt(end);
            left -= point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
            if (left < 0) {
                return text.substring(0, fits) + CUT;
            }
            end += Character.charCount(point);
            if (left >= CUT_BYTES) {
                fits = end;
            }
        }
        return text;
    }

    /// As it stands where its texts have no room.
    public CaseResult withoutTexts() {
        return new CaseResult(
                name, status, exitCode, signal, durationMs, peakMemoryBytes, null, null);
    }

    public boolean passed() {
        return status == VerificationStatus.PASSED;
    }
}
