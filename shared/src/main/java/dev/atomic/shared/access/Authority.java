package dev.atomic.shared.access;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A host and perhaps a port, as in `Host` (RFC 9110 section 7.2). Pure.
///
/// @param host in lower case; an IPv6 address in brackets
/// @param port -1 when not said
record Authority(String host, int port) {
    static final Pattern PATTERN =
            Pattern.compile("(\\[[0-9a-f:.]+]|[a-z0-9._-]+)(?::([0-9]{1,5}))?");

    /// @return empty for anything else, such as one with a user part
    static Optional<Authority> parse(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        Matcher matcher = PATTERN.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String port = matcher.group(2);
        return Optional.of(
                new Authority(matcher.group(1), port == null ? -1 : Integer.parseInt(port)));
    }

    int portOr(int byDefault) {
        return port < 0 ? byDefault : port;
    }

    @Override
    public String toString() {
        return port < 0 ? host : host + ":" + port;
    }
}
