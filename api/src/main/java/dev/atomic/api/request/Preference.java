package dev.atomic.api.request;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a client would rather have, RFC 7240: `respond-async`, `wait=N`. Others, and a `wait` that
/// can't be read, are passed over, as that RFC wants it.
///
/// @param waitSeconds `N`, cut to what is possible; null when nothing was said
public record Preference(@Nullable Integer waitSeconds, boolean respondAsync) {
    private static final int MAX_SECONDS = 600;

    public static Preference of(@Nullable Enumeration<String> headers) {
        Integer wait = null;
        boolean async = false;
        for (String header : headers == null ? List.<String>of() : Collections.list(headers)) {
            for (String part : header.split(",", -1)) {
                String preference = part.replaceAll(";.*", "").strip().toLowerCase(Locale.ROOT);
                if (preference.equals("respond-async")) {
                    async = true;
                } else if (wait == null && preference.matches("wait\\s*=\\s*\"?[0-9]{1,9}\"?")) {
                    // The first of several counts (RFC 7240, section 2).
                    wait =
                            Math.min(
                                    MAX_SECONDS,
                                    Integer.parseInt(preference.replaceAll("[^0-9]", "")));
                }
            }
        }
        return new Preference(wait, async);
    }

    /// How long an answer may take: `wait` if there is one, with `respond-async` none at all.
    public Duration patience(Duration byDefault) {
        if (waitSeconds != null) {
            return Duration.ofSeconds(waitSeconds);
        }
        return respondAsync ? Duration.ZERO : byDefault;
    }

    /// The value of `Preference-Applied`; null when nothing was preferred.
    public @Nullable String applied() {
        List<String> applied = new ArrayList<>();
        if (respondAsync) {
            applied.add("respond-async");
        }
        if (waitSeconds != null) {
            applied.add("wait=" + waitSeconds);
        }
        return applied.isEmpty() ? null : String.join(", ", applied);
    }
}
