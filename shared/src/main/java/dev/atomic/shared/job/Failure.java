package dev.atomic.shared.job;

import org.jspecify.annotations.Nullable;

/// Why a job failed, as a client sees it: never a stack trace, never a secret.
///
/// @param message cut at 2,000 characters
/// @param stage where it happened; null when between stages
/// @param retryable whether asking again may go better
public record Failure(
        FailureCode code, String message, @Nullable StageName stage, boolean retryable) {
    /// Longest message. A provider may say any amount; the column takes 16,384 characters of JSON,
    /// in which one may become six.
    private static final int MAX_CHARS = 2_000;

    public Failure {
        message = message.replace('\0', '\uFFFD');
        if (message.length() > MAX_CHARS) {
            int end = MAX_CHARS - 1;
            if (Character.isHighSurrogate(message.charAt(end - 1))) {
                end--;
            }
            message = message.substring(0, end) + "…";
        }
    }

    /// A failure as retryable as its code is.
    public static Failure of(FailureCode code, String message, @Nullable StageName stage) {
        return new Failure(code, message, stage, code.isRetryable());
    }
}
