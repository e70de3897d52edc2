package dev.atomic.worker.sandbox.http;

import java.net.HttpCookie;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The cookies one program has set, kept as by a client that talks to nobody else: names, paths and
/// `Max-Age` count; domains and `Secure` don't.
///
/// (`java.net.CookieManager` takes a cookie with a `Max-Age` for one of RFC 2965 and sends it back
/// as `$Version="1"; …`, which today's servers don't read.) Used by one thread.
final class Cookies {
    private static final int MAX_COOKIES = 64;
    private static final int MAX_CHARS = 4 << 10;

    private final List<HttpCookie> kept = new ArrayList<>();

    /// @param header a `Set-Cookie`'s value; one that can't be read is ignored
    /// @param path of the request that was answered
    void take(String header, String path) {
        if (header.length() > MAX_CHARS) {
            return;
        }
        List<HttpCookie> parsed;
        try {
            parsed = HttpCookie.parse("Set-Cookie: " + header);
        } catch (IllegalArgumentException e) {
            return;
        }
        for (HttpCookie cookie : parsed) {
            if (cookie.getPath() == null || !cookie.getPath().startsWith("/")) {
                cookie.setPath(directory(path));
            }
            kept.removeIf(old ->
                    old.getName().equals(cookie.getName())
                            && old.getPath().equals(cookie.getPath()));
            if (!cookie.hasExpired() && kept.size() < MAX_COOKIES) {
                kept.add(cookie);
            }
        }
    }

    /// The value of the `Cookie` header for a request to this path; empty when there is none.
    Optional<String> header(String path) {
        kept.removeIf(HttpCookie::hasExpired);
        String text =
                kept.stream()
                        .filter(cookie -> isUnder(withoutQuery(path), cookie.getPath()))
                        .map(cookie -> cookie.getName() + "=" + cookie.getValue())
                        .collect(Collectors.joining("; "));
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private static boolean isUnder(String path, String directory) {
        return path.equals(directory)
                || (path.startsWith(directory)
                        && (directory.endsWith("/") || path.charAt(directory.length()) == '/'));
    }

    private static String directory(String path) {
        String only = withoutQuery(path);
        int slash = only.lastIndexOf('/');
        return slash <= 0 ? "/" : only.substring(0, slash);
    }

    private static String withoutQuery(String path) {
        int query = path.indexOf('?');
        return query < 0 ? path : path.substring(0, query);
    }
}
