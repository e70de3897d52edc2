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
    /// Most characters of `stdout`, and of `diff`.
    public static final int MAX_TEXT = 2_000;

    public boolean passed() {
        return status == VerificationStatus.PASSED;
    }
}
