package dev.atomic.api.problem;

import org.jspecify.annotations.Nullable;

/// How a caller stands with a limit that a request came up against, as the headers
/// `RateLimit-Policy` and `RateLimit` tell it (draft-ietf-httpapi-ratelimit-headers): structured
/// fields, RFC 9651.
///
/// @param name of the limit: lower-case letters
/// @param quota how much there may be
/// @param windowSeconds in what time; null for what is had at once
/// @param unit what is counted; null for requests
/// @param remaining how much of it is left
public record Quota(
        String name,
        long quota,
        @Nullable Integer windowSeconds,
        @Nullable String unit,
        long remaining) {
    public String policy() {
        return '"'
                + name
                + "\";q="
                + quota
                + (windowSeconds == null ? "" : ";w=" + windowSeconds)
                + (unit == null ? "" : ";qu=\"" + unit + '"');
    }

    /// @param resetSeconds until there is more
    public String standing(int resetSeconds) {
        return '"' + name + "\";r=" + remaining + ";t=" + resetSeconds;
    }
}
