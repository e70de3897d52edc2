package dev.atomic.shared.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atomic.db.SettingException;
import dev.atomic.shared.Variables;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookRulesTest {
    private final WebhookRules strict = rules("");

    private static WebhookRules rules(String allow) {
        return WebhookRules.from(new Variables(Map.of("ATOMIC_WEBHOOK_ALLOW", allow)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "10.1.2.3",
                "100.64.0.1",
                "100.127.255.255",
                "127.0.0.1",
                "127.8.8.8",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.8",
                "192.0.2.1",
                "192.168.1.1",
                "198.18.0.1",
                "198.19.255.255",
                "198.51.100.1",
                "203.0.113.1",
                "224.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::ffff:10.0.0.1",
                "::ffff:127.0.0.1",
                "::127.0.0.1",
                "64:ff9b::7f00:1",
                "64:ff9b::808:808",
                "64:ff9b:1::a00:1",
                "fc00::1",
                "fdff::1",
                "fe80::1",
                "fec0::1",
                "ff02::1",
                "2001::1",
                "2001:db8::1",
                "2002:7f00:1::",
                "100::1"
            })
    void whatIsNotPublicIsNotReached(String address) throws UnknownHostException {
        assertThat(
                        strict.mayReach(
                                URI.create("https://a.example/"), InetAddress.getByName(address)))
                .isFalse();
        String host = address.contains(":") ? "[" + address + "]" : address;
        assertThat(strict.refusal("https://" + host + "/")).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "9.255.255.255",
                "11.0.0.1",
                "100.63.255.255",
                "100.128.0.1",
                "172.15.255.255",
                "172.32.0.1",
                "192.0.1.1",
                "192.167.255.255",
                "198.17.255.255",
                "198.20.0.1",
                "223.255.255.255",
                "2606:4700:4700::1111",
                "2a00:1450::1"
            })
    void whatIsPublicIs(String address) throws UnknownHostException {
        assertThat(
                        strict.mayReach(
                                URI.create("https://a.example/"), InetAddress.getByName(address)))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://example.com/",
                "ftp://example.com/",
                "//example.com/",
                "/hook",
                "https:///hook",
                "https://user:password@example.com/",
                "https://example.com/#fragment",
                "https://example.com:70000/",
                "https://exa mple.com/",
                "https://2130706433/",
                "https://0x7f000001/",
                "https://0177.0.0.1/",
                "https://127.1/",
                "not a url"
            })
    void anAddressThatIsNotOfTheInternetIsRefused(String url) {
        assertThat(strict.refusal(url)).isPresent();
    }

    @Test
    void anyOtherIsTaken() {
        assertThat(strict.refusal("https://example.com")).isEmpty();
        assertThat(strict.refusal("https://example.com:8443/a/b?c=d%20e")).isEmpty();
        assertThat(strict.refusal("https://1.1.1.1/")).isEmpty();
        assertThat(strict.refusal("https://example.com/" + "a".repeat(2_048))).isPresent();
    }

    @Test
    void anExceptionIsForOneOriginAlone() throws UnknownHostException {
        WebhookRules rules = rules("http://127.0.0.1:9000, https://Hooks.internal");
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        assertThat(rules.refusal("http://127.0.0.1:9000/a")).isEmpty();
        assertThat(rules.refusal("http://127.0.0.1:9001/a")).isPresent();
        assertThat(rules.refusal("https://127.0.0.1:9000/a")).isPresent();
        assertThat(rules.mayReach(URI.create("https://hooks.internal:443/a"), loopback)).isTrue();
        assertThat(rules.mayReach(URI.create("https://hooks.internal:444/a"), loopback)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/8", "hooks.internal", "https://a/b", "ftp://a"})
    void anExceptionThatIsNoOriginStopsTheStart(String allow) {
        assertThatThrownBy(() -> rules(allow)).isInstanceOf(SettingException.class);
    }
}
