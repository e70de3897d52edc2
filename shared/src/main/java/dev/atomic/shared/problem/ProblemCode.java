package dev.atomic.shared.problem;

import java.util.Locale;

/// Every code a request can be refused with, and its status. The table in `docs/failures.md` tells
/// what to do about each; a test holds the two together.
public enum ProblemCode {
    INVALID_REQUEST(400),
    MALFORMED_JSON(400),
    UNKNOWN_MODEL(400),
    UNSUPPORTED_LANGUAGE(400),
    UNAUTHORIZED(401),
    INSUFFICIENT_SCOPE(403),
    ORIGIN_NOT_ALLOWED(403),
    NOT_FOUND(404),
    METHOD_NOT_ALLOWED(405),
    NOT_ACCEPTABLE(406),
    REQUEST_TIMEOUT(408),
    ALREADY_FINISHED(409),
    NOT_FINISHED(409),
    NOT_RETRYABLE(409),
    JOB_DELETED(410),
    PAYLOAD_TOO_LARGE(413),
    /// Of the WebSocket alone, whose messages have no status.
    TOO_LARGE(413),
    UNSUPPORTED_MEDIA_TYPE(415),
    MISDIRECTED_REQUEST(421),
    IDEMPOTENCY_MISMATCH(422),
    UPGRADE_REQUIRED(426),
    QUEUE_FULL(429),
    TENANT_WAITING_LIMIT(429),
    TENANT_RATE_LIMIT(429),
    TENANT_USD_LIMIT(429),
    TENANT_TOKEN_LIMIT(429),
    /// Of the WebSocket alone.
    TOO_MANY_SUBSCRIPTIONS(429),
    INTERNAL(500),
    UNAVAILABLE(503);

    /// How the codes of a tenant's limits begin.
    public static final String OF_TENANT_LIMITS = "tenant_";

    private final int status;

    ProblemCode(int status) {
        this.status = status;
    }

    /// HTTP's status.
    public int status() {
        return status;
    }

    /// Whether only the WebSocket's messages have it.
    public boolean isOfSocketAlone() {
        return this == TOO_LARGE || this == TOO_MANY_SUBSCRIPTIONS;
    }

    /// The code as clients see it.
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}
