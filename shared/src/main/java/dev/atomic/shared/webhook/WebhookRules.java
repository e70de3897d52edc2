package dev.atomic.shared.webhook;

import dev.atomic.db.SettingException;
import dev.atomic.shared.Variables;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Where a webhook may go. A tenant names the address, and it is this machine that calls it: so it
/// must not lead to what only this machine can reach.
///
/// Immutable.
public final class WebhookRules {
    /// Most characters of an address.
    public static final int MAX_URL = 2_048;

    private static final String ALLOW = "ATOMIC_WEBHOOK_ALLOW";
    private static final Pattern ORIGIN =
            Pattern.compile("https?://(\\[[0-9a-f:.]+]|[a-z0-9._-]+)(:[0-9]{1,5})?");

    /// An address given by its number; any other host is a name.
    private static final Pattern NUMERIC = Pattern.compile("\\[.*]|[0-9.]+|0[xX][0-9a-fA-F.xX]+");

    private final Set<String> allowed;

    private WebhookRules(Set<String> allowed) {
        this.allowed = allowed;
    }

    /// @throws SettingException when what is allowed isn't a list of origins
    public static WebhookRules from(Variables variables) {
        Set<String> origins =
                Stream.of(variables.text(ALLOW, "").toLowerCase(Locale.ROOT).split("[,\\s]+"))
                        .filter(origin -> !origin.isEmpty())
                        .collect(Collectors.toSet());
        for (String origin : origins) {
            if (!ORIGIN.matcher(origin).matches()) {
                throw new SettingException(
                        ALLOW,
                        origin,
                        "origins, e.g. https://hooks.internal:8443, separated by commas");
            }
        }
        return new WebhookRules(
                origins.stream()
                        .map(URI::create)
                        .map(WebhookRules::origin)
                        .collect(Collectors.toUnmodifiableSet()));
    }

    /// Why a job can't have this webhook, as the end of a sentence about the address; empty when it
    /// can. A name is resolved only when it is called.
    public Optional<String> refusal(String url) {
        if (url.length() > MAX_URL) {
            return Optional.of("must have at most " + MAX_URL + " characters");
        }
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            return Optional.of("isn't a URL");
        }
        String host = uri.getHost();
        if (host == null || uri.getScheme() == null || uri.getPort() > 65_535) {
            return Optional.of("must be a URL with a host, e.g. https://example.com/hook");
        }
        if (uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
            return Optional.of("must have neither a user nor a fragment");
        }
        if (allows(uri)) {
            return Optional.empty();
        }
        if (!uri.getScheme().equalsIgnoreCase("https")) {
            return Optional.of("must begin with https://");
        }
        if (NUMERIC.matcher(host).matches()) {
            @Nullable InetAddress address = literal(host);
            // An IPv4 address is one only in its usual form: 0177.0.0.1 is 127.0.0.1 to some.
            boolean usual =
                    address != null
                            && (host.startsWith("[") || address.getHostAddress().equals(host));
            if (address == null || !usual || !PublicAddress.is(address)) {
                return Optional.of("must lead to a public address");
            }
        }
        return Optional.empty();
    }

    private static @Nullable InetAddress literal(String host) {
        try {
            return InetAddress.ofLiteral(
                    host.startsWith("[") ? host.substring(1, host.length() - 1) : host);
        } catch (IllegalArgumentException e) {
            return null; // octal, hexadecimal or a number alone: some resolvers take these
        }
    }

    /// Whether the operator has made an exception for this address' origin.
    public boolean allows(URI url) {
        return allowed.contains(origin(url));
    }

    /// Whether what a name resolved to may be connected to.
    public boolean mayReach(URI url, InetAddress address) {
        return allows(url) || PublicAddress.is(address);
    }

    /// The port it goes to.
    public static int port(URI url) {
        if (url.getPort() != -1) {
            return url.getPort();
        }
        return url.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    }

    private static String origin(URI url) {
        return (url.getScheme() + "://" + url.getHost() + ":" + port(url)).toLowerCase(Locale.ROOT);
    }
}
