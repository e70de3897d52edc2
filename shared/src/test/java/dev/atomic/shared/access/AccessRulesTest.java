package dev.atomic.shared.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atomic.db.SettingException;
import dev.atomic.shared.Variables;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessRulesTest {
    private static final int PORT = 8080;

    private final AccessRules rules =
            AccessRules.from(
                    new Variables(
                            Map.of(
                                    "ATOMIC_ALLOWED_HOSTS", "My.Box, other.box:8443",
                                    "ATOMIC_ALLOWED_ORIGINS",
                                            "http://localhost:3000,https://Front.example")));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "LocalHost:8080",
                "127.0.0.1:8080",
                "127.0.0.1:9000",
                "[::1]",
                "[::1]:8080",
                "my.box",
                "my.box:1",
                "other.box:8443"
            })
    void ourHosts(String host) {
        assertThat(rules.refusal(facts(host, null, null, null))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "evil.example",
                "evil.example:8080",
                "localhost.evil.example",
                "localhost.",
                "evil.example@localhost",
                "localhost:8080@evil.example",
                "localhost:",
                "localhost:x",
                "127.0.0.1.nip.io",
                "127.1",
                "0.0.0.0:8080",
                "2130706433",
                "[::ffff:127.0.0.1]",
                "::1",
                "localhost, evil.example",
                "other.box",
                "other.box:8080"
            })
    void otherHostsAreMisdirected(String host) {
        assertRefused(facts(host, null, null, null), 421, "misdirected_request");
    }

    @Test
    void noHostIsMisdirected() {
        assertRefused(facts(null, null, null, null), 421, "misdirected_request");
    }

    @ParameterizedTest
    @CsvSource({
        "localhost:8080, http://localhost:8080",
        "localhost:8080, HTTP://LOCALHOST:8080",
        "localhost:8080, http://127.0.0.1:8080",
        "127.0.0.1:8080, http://localhost:8080",
        "127.0.0.1:8080, http://[::1]:8080",
        "localhost:9000, http://localhost:9000",
        "localhost, http://localhost",
        "my.box, https://my.box",
        "localhost:8080, http://localhost:3000",
        "localhost:8080, https://front.example"
    })
    void ourOwnAndAllowedOrigins(String host, String origin) {
        assertThat(rules.refusal(facts(host, origin, "same-origin", null))).isEmpty();
        assertThat(rules.refusal(facts(host, origin, null, null))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "",
                "http://evil.example",
                "http://evil.example:8080",
                "http://localhost",
                "http://localhost:8081",
                "https://localhost:3000",
                "http://front.example",
                "https://front.example:444",
                "http://localhost:8080.evil.example",
                "http://localhost:8080@evil.example",
                "file://",
                "chrome-extension://localhost:8080",
                "http://localhost:8080/",
                "http://localhost:99999999"
            })
    void otherOriginsAreRefused(String origin) {
        assertRefused(
                facts("localhost:8080", origin, "same-origin", null), 403, "origin_not_allowed");
    }

    @Test
    void twoOriginsAreRefused() {
        var facts =
                new AccessRules.Facts(
                        "localhost",
                        List.of("http://localhost", "http://localhost"),
                        null,
                        null,
                        null,
                        null,
                        PORT);
        assertRefused(facts, 403, "origin_not_allowed");
    }

    @Test
    void theRefusalNamesTheVariable() {
        assertThat(rules.refusal(facts("localhost", "http://a.example", null, null)))
                .hasValueSatisfying(
                        refusal -> assertThat(refusal.detail()).contains("ATOMIC_ALLOWED_ORIGINS"));
    }

    @Test
    void withoutAnOriginOnlyAnotherSiteIsRefused() {
        for (String site : new String[] {null, "none", "same-origin", "same-site", "x"}) {
            assertThat(rules.refusal(facts("localhost", null, site, null))).as(site).isEmpty();
        }
        assertRefused(facts("localhost", null, "cross-site", null), 403, "origin_not_allowed");
        assertRefused(facts("localhost", null, " Cross-Site ", null), 403, "origin_not_allowed");
        // An allowed page is on another site, and says who it is.
        assertThat(rules.refusal(facts("localhost", "https://front.example", "cross-site", null)))
                .isEmpty();
    }

    @Test
    void whatCameThroughAProxyIsRefusedWhileTheApiIsOpen() {
        assertRefused(facts("localhost", null, null, "via"), 401, "unauthorized");
        AccessRules off = AccessRules.from(new Variables(Map.of("ATOMIC_AUTH", "off")));
        assertThat(off.refusal(facts("localhost", null, null, "via"))).isEmpty();
    }

    @Test
    void onAnAddressWithoutTlsOnlyTheProxiesAndThisMachineAreAnswered() {
        AccessRules behind =
                AccessRules.from(
                        new Variables(
                                Map.of(
                                        "ATOMIC_HTTP_HOST", "0.0.0.0",
                                        "ATOMIC_TRUSTED_PROXIES", "10.1.0.0/20, fd00::/8")));
        for (String remote :
                new String[] {"10.1.0.1", "10.1.15.255", "fd12::1", "127.0.0.1", "::1"}) {
            assertThat(behind.refusal(from(remote, "any.example", null, null)))
                    .as(remote)
                    .isEmpty();
        }
        for (String remote : new String[] {"10.1.16.0", "10.0.255.255", "fe80::1", "8.8.8.8"}) {
            assertThat(behind.refusal(from(remote, "any.example", null, "10.1.0.1")))
                    .as(remote)
                    .hasValueSatisfying(refusal -> {
                        assertThat(refusal.code().status()).isEqualTo(421);
                        assertThat(refusal.detail()).contains("ATOMIC_TRUSTED_PROXIES");
                    });
        }
    }

    @Test
    void aHostIsBelievedOfTrustedProxiesAlone() {
        AccessRules behind =
                AccessRules.from(
                        new Variables(
                                Map.of(
                                        "ATOMIC_AUTH", "required",
                                        "ATOMIC_ALLOWED_HOSTS", "atomic.example",
                                        "ATOMIC_TRUSTED_PROXIES", "127.0.0.1")));
        String page = "https://atomic.example";
        assertThat(behind.refusal(from("127.0.0.1", "localhost:1", page, "atomic.example")))
                .isEmpty();
        assertThat(behind.refusal(from("127.0.0.1", "localhost:1", null, "evil.example")))
                .isPresent();
        assertThat(behind.refusal(from("127.0.0.2", "localhost:1", page, "atomic.example")))
                .hasValueSatisfying(refusal -> assertThat(refusal.code().status()).isEqualTo(403));
        assertThat(behind.refusal(from("127.0.0.2", "evil.example", null, "atomic.example")))
                .hasValueSatisfying(refusal -> assertThat(refusal.code().status()).isEqualTo(421));
    }

    private static AccessRules.Facts from(
            String remote, String host, String origin, String forwardedHost) {
        return new AccessRules.Facts(
                host,
                origin == null ? List.of() : List.of(origin),
                null,
                forwardedHost == null ? null : "x-forwarded-host",
                forwardedHost,
                InetAddress.ofLiteral(remote),
                PORT);
    }

    @Test
    void anActuatorIsOpenAndOnLoopbackWhateverTheApiIs() {
        AccessRules actuator =
                AccessRules.ofActuator(
                        new Variables(
                                Map.of(
                                        "ATOMIC_HTTP_HOST", "0.0.0.0",
                                        "ATOMIC_AUTH", "off",
                                        "ATOMIC_ALLOWED_HOSTS", "my.box")));
        assertThat(actuator.refusal(facts("my.box", null, null, null))).isEmpty();
        assertThat(actuator.refusal(facts("evil.example", null, null, null)))
                .hasValueSatisfying(refusal -> assertThat(refusal.code().status()).isEqualTo(421));
        assertThat(actuator.refusal(facts("localhost", null, null, "via")))
                .hasValueSatisfying(refusal -> assertThat(refusal.code().status()).isEqualTo(401));
    }

    @Test
    void factsAreReadFromHeadersInAnyCase() {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.put("host", List.of("localhost"));
        headers.put("ORIGIN", List.of("a", "b"));
        headers.put("sec-fetch-site", List.of("none"));
        headers.put("X-Forwarded-For", List.of("1.2.3.4"));
        headers.put("x-forwarded-HOST", List.of("a.example", "first.example, second.example"));
        assertThat(
                        AccessRules.Facts.of(
                                headers.keySet(),
                                name -> headers.getOrDefault(name, List.of()),
                                "10.1.2.3",
                                PORT))
                .isEqualTo(
                        new AccessRules.Facts(
                                "localhost",
                                List.of("a", "b"),
                                "none",
                                "x-forwarded-for",
                                "second.example",
                                InetAddress.ofLiteral("10.1.2.3"),
                                PORT));
    }

    @ParameterizedTest
    @CsvSource({
        "ATOMIC_ALLOWED_HOSTS, *",
        "ATOMIC_ALLOWED_HOSTS, http://my.box",
        "ATOMIC_ALLOWED_ORIGINS, *",
        "ATOMIC_ALLOWED_ORIGINS, my.box",
        "ATOMIC_ALLOWED_ORIGINS, http://my.box/",
        "ATOMIC_ALLOWED_ORIGINS, null",
        "ATOMIC_TRUSTED_PROXIES, proxy.example",
        "ATOMIC_TRUSTED_PROXIES, 10.0.0.1/33",
        "ATOMIC_TRUSTED_PROXIES, 0.0.0.0/0",
        "ATOMIC_TRUSTED_PROXIES, 10.0.0.1/x"
    })
    void whatIsNoHostOrOriginStopsTheStart(String variable, String value) {
        assertThatThrownBy(() -> AccessRules.from(new Variables(Map.of(variable, value))))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(variable);
    }

    private void assertRefused(AccessRules.Facts facts, int status, String code) {
        assertThat(rules.refusal(facts))
                .as(facts.toString())
                .hasValueSatisfying((AccessRules.Refusal refusal) -> {
                    assertThat(refusal.code().status()).isEqualTo(status);
                    assertThat(refusal.code().wire()).isEqualTo(code);
                });
    }

    private static AccessRules.Facts facts(
            String host, String origin, String fetchSite, String forwardedBy) {
        List<String> origins = origin == null ? List.of() : List.of(origin);
        return new AccessRules.Facts(host, origins, fetchSite, forwardedBy, null, null, PORT);
    }
}
