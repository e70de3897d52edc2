package dev.atomic.shared.telemetry;

import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The trace that a request belongs to.
///
/// @param traceId 32 lower-case hex digits, not all 0
/// @param parent the caller's span, 16 lower-case hex digits; null where the trace begins here
public record TraceContext(String traceId, @Nullable String parent) {
    /// `traceparent` as <https://www.w3.org/TR/trace-context/> has it. A later version may have
    /// more behind. Whether the caller's trace is sampled isn't looked at: all jobs are traced.
    private static final Pattern HEADER =
            Pattern.compile(
                    "(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?");

    /// @param traceparent a client's header; null where it has none
    /// @return the client's trace, or a new one where the header is missing or wrong
    public static TraceContext of(@Nullable String traceparent) {
        if (traceparent != null) {
            Matcher found = HEADER.matcher(traceparent);
            if (found.matches()) {
                return new TraceContext(found.group(1), found.group(2));
            }
        }
        return new TraceContext(UUID.randomUUID().toString().replace("-", ""), null);
    }
}
