package dev.atomic.shared.job;

import org.jspecify.annotations.Nullable;

/// Why a job failed, as a client sees it: never a stack trace, never a secret.
///
/// @param code stable; the table of codes is in `docs/failures.md`
/// @param stage where it happened; null when between stages
/// @param retryable whether asking again may go better
public record Failure(String code, String message, @Nullable StageName stage, boolean retryable) {}
