package dev.atomic.shared.access;

import dev.atomic.db.SettingException;
import dev.atomic.shared.TlsFiles;
import dev.atomic.shared.Variables;
import dev.atomic.shared.problem.ProblemCode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which requests are answered at all, judged by where they say they come from and go to. Pure.
///
/// A process on loopback trusts all who run programs on the machine, and a browser there runs
/// anybody's. So a page's requests are told by `Origin` and `Sec-Fetch-Site`, which a page can't
/// forge, and a name that was made to point here (DNS rebinding) by `Host`.
public final class AccessRules {
    private static final Pattern ORIGIN =
            Pattern.compile("[a-z][a-z0-9+.-]*://(\\[[0-9a-f:.]+]|[a-z0-9._-]+)(:[0-9]{1,5})?");

    private final boolean loopback;
    private final boolean open;

    /// Whether only the proxies may come, as what is sent here isn't encrypted.
    private final boolean behindProxies;

    private final TrustedProxies proxies;
    private final Set<String> allowedHosts = new HashSet<>();
    private final Set<String> allowedOrigins;

    /// What the rules look at of a request.
    ///
    /// @param origins the values of all `Origin` headers
    /// @param fetchSite `Sec-Fetch-Site`
    /// @param forwardedBy the name of a header that a proxy adds, if there is one
    /// @param forwardedHost the last `X-Forwarded-Host`: what a proxy says was asked of it
    /// @param remote who opened the connection
    /// @param localPort the port it came in at
    public record Facts(
            @Nullable String host,
            List<String> origins,
            @Nullable String fetchSite,
            @Nullable String forwardedBy,
            @Nullable String forwardedHost,
            @Nullable InetAddress remote,
            int localPort) {

        /// @param names of all headers of the request
        /// @param values of a header, by its name in any case; empty when there is none
        /// @param remote the address of who opened the connection, as digits
        public static Facts of(
                Collection<String> names,
                Function<String, List<String>> values,
                String remote,
                int localPort) {
            return new Facts(
                    first(values.apply("Host")),
                    values.apply("Origin"),
                    first(values.apply("Sec-Fetch-Site")),
                    names.stream()
                            .map(name -> name.toLowerCase(Locale.ROOT))
                            .filter(Facts::isAddedByProxies)
                            .findFirst()
                            .orElse(null),
                    last(values.apply("X-Forwarded-Host")),
                    address(remote),
                    localPort);
        }

        private static @Nullable InetAddress address(String digits) {
            try {
                return InetAddress.ofLiteral(digits);
            } catch (IllegalArgumentException unknown) {
                return null;
            }
        }

        /// The nearest proxy is the one that is known; it appends what it saw.
        private static @Nullable String last(List<String> values) {
            return values.isEmpty()
                    ? null
                    : values.getLast().substring(values.getLast().lastIndexOf(',') + 1).strip();
        }

        private static @Nullable String first(List<String> values) {
            return values.isEmpty() ? null : values.getFirst();
        }

        private static boolean isAddedByProxies(String header) {
            return header.equals("forwarded")
                    || header.equals("via")
                    || header.startsWith("x-forwarded-");
        }
    }

    /// Why a request isn't answered.
    ///
    /// @param title HTTP's phrase for the code's status
    /// @param detail one sentence that says what to change
    public record Refusal(ProblemCode code, String title, String detail) {}

    private AccessRules(
            boolean loopback,
            boolean open,
            boolean behindProxies,
            TrustedProxies proxies,
            Set<String> allowedHosts,
            Set<String> allowedOrigins) {
        this.loopback = loopback;
        this.open = open;
        this.behindProxies = behindProxies;
        this.proxies = proxies;
        this.allowedHosts.addAll(allowedHosts);
        this.allowedHosts.addAll(List.of("localhost", "127.0.0.1", "[::1]"));
        this.allowedOrigins = Set.copyOf(allowedOrigins);
    }

    /// The rules of the api.
    ///
    /// @throws SettingException for a malformed host, origin or proxy
    public static AccessRules from(Variables variables) {
        boolean loopback = isLoopback(variables.text("ATOMIC_HTTP_HOST", "127.0.0.1"));
        boolean open =
                loopback
                        && variables
                                .oneOf("ATOMIC_AUTH", "auto", "auto", "required", "off")
                                .equals("auto");
        boolean encrypted = TlsFiles.from(variables).isPresent();
        return new AccessRules(
                loopback,
                open,
                !loopback && !encrypted,
                TrustedProxies.from(variables),
                hosts(variables),
                origins(variables));
    }

    /// The rules of a worker's actuator, which is on loopback and open whatever the api is.
    ///
    /// @throws SettingException for a host or origin that is none
    public static AccessRules ofActuator(Variables variables) {
        return new AccessRules(
                true,
                true,
                false,
                TrustedProxies.from(new Variables(Map.of())),
                hosts(variables),
                origins(variables));
    }

    private static Set<String> hosts(Variables variables) {
        return list(variables, "ATOMIC_ALLOWED_HOSTS", Authority.PATTERN, "host names");
    }

    private static Set<String> origins(Variables variables) {
        return list(
                variables, "ATOMIC_ALLOWED_ORIGINS", ORIGIN, "origins, e.g. http://localhost:3000");
    }

    /// @return why the request isn't answered; empty when it is
    public Optional<Refusal> refusal(Facts facts) {
        if (behindProxies && !isLocal(facts.remote()) && !proxies.contains(facts.remote())) {
            return Optional.of(
                    new Refusal(
                            ProblemCode.MISDIRECTED_REQUEST,
                            "Misdirected Request",
                            "What is sent here isn't encrypted, so only the proxies in"
                                    + " ATOMIC_TRUSTED_PROXIES are answered; ask one of them."));
        }
        if (loopback && !isAllowedHost(asked(facts))) {
            return Optional.of(
                    new Refusal(
                            ProblemCode.MISDIRECTED_REQUEST,
                            "Misdirected Request",
                            "This host isn't served here. ATOMIC_ALLOWED_HOSTS can allow more names than"
                                    + " localhost, 127.0.0.1 and [::1]."));
        }
        if (open && facts.forwardedBy() != null) {
            return Optional.of(
                    new Refusal(
                            ProblemCode.UNAUTHORIZED,
                            "Unauthorized",
                            "The request came through a proxy ("
                                    + facts.forwardedBy()
                                    + "), which isn't allowed as long as there is no authentication."));
        }
        return isFromElsewhere(facts)
                ? Optional.of(
                        new Refusal(
                                ProblemCode.ORIGIN_NOT_ALLOWED,
                                "Forbidden",
                                "Pages of this origin aren't allowed here. ATOMIC_ALLOWED_ORIGINS can"
                                        + " allow more origins."))
                : Optional.empty();
    }

    /// Whether pages of an origin that isn't ours may read answers.
    public boolean isAllowedOrigin(String origin) {
        return allowedOrigins.contains(origin.toLowerCase(Locale.ROOT));
    }

    private boolean isFromElsewhere(Facts facts) {
        if (facts.origins().isEmpty()) {
            String site = facts.fetchSite();
            return site != null && site.strip().equalsIgnoreCase("cross-site");
        }
        String origin = facts.origins().getFirst();
        return facts.origins().size() > 1 || !(isAllowedOrigin(origin) || isOurs(origin, facts));
    }

    private static boolean isLocal(@Nullable InetAddress remote) {
        return remote != null && remote.isLoopbackAddress();
    }

    /// The host that the client asked: what a proxy says, if it is one of ours.
    private @Nullable String asked(Facts facts) {
        return facts.forwardedHost() != null && proxies.contains(facts.remote())
                ? facts.forwardedHost()
                : facts.host();
    }

    private boolean isAllowedHost(@Nullable String host) {
        return Authority.parse(host)
                .map(authority ->
                        allowedHosts.contains(authority.host())
                                || allowedHosts.contains(authority.toString()))
                .orElse(false);
    }

    /// An origin is ours if it is what the browser asked (`Host`, checked before), or one of our
    /// names at our port. Another port of the machine is somebody else: anything may listen there.
    private boolean isOurs(String origin, Facts facts) {
        String lower = origin.toLowerCase(Locale.ROOT);
        int byDefault = lower.startsWith("http://") ? 80 : lower.startsWith("https://") ? 443 : -1;
        if (byDefault < 0) {
            return false;
        }
        Optional<Authority> page = Authority.parse(lower.substring(lower.indexOf("//") + 2));
        Optional<Authority> asked = Authority.parse(asked(facts));
        if (page.isEmpty() || asked.isEmpty()) {
            return false;
        }
        String host = page.get().host();
        int port = page.get().portOr(byDefault);
        boolean asAsked = host.equals(asked.get().host()) && port == asked.get().portOr(byDefault);
        boolean byAnotherName =
                loopback && allowedHosts.contains(host) && port == facts.localPort();
        return asAsked || byAnotherName;
    }

    private static Set<String> list(
            Variables variables, String variable, Pattern allowed, String what) {
        Set<String> values = new HashSet<>();
        Arrays.stream(variables.text(variable, "").split("[,\\s]+"))
                .filter(value -> !value.isEmpty())
                .map(value -> value.toLowerCase(Locale.ROOT))
                .forEach(value -> {
                    if (!allowed.matcher(value).matches()) {
                        throw new SettingException(variable, value, what + ", separated by commas");
                    }
                    values.add(value);
                });
        return values;
    }

    private static boolean isLoopback(String host) {
        try {
            return Arrays.stream(InetAddress.getAllByName(host))
                    .allMatch(InetAddress::isLoopbackAddress);
        } catch (UnknownHostException e) {
            throw new SettingException("ATOMIC_HTTP_HOST", host, "an address of this machine");
        }
    }
}
