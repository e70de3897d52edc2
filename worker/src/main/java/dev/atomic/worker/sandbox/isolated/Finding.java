package dev.atomic.worker.sandbox.isolated;

import org.jspecify.annotations.Nullable;

/// The result of judging from outside. Tests that don't pass this way don't make the program wrong:
/// perhaps something couldn't be carried.
///
/// @param passed tests that passed; 0 unless all did
/// @param reason why not, for people; null when all passed
public record Finding(int passed, @Nullable String reason) {
    /// Most characters of a reason: part of it may be a test's choice.
    static final int MAX_REASON = 500;

    /// Before any session.
    public static final Finding NOTHING = new Finding(0, null);

    static Finding passed(int tests) {
        return new Finding(tests, null);
    }

    public static Finding not(String reason) {
        return new Finding(
                0,
                reason.length() <= MAX_REASON ? reason : reason.substring(0, MAX_REASON - 1) + "…");
    }

    /// Joins this one with that of another session.
    public Finding and(Finding other) {
        return reason != null ? this : other.reason != null ? other : passed(passed + other.passed);
    }
}
