package dev.atomic.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atomic.db.SettingException;
import dev.atomic.shared.Variables;
import dev.atomic.shared.tenant.TenantLimits;
import dev.atomic.shared.verify.Limits;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiSettingsTest {
    @Test
    void defaults() {
        assertThat(ApiSettings.from(new Variables(Map.of("ATOMIC_HTTP_HOST", " "))))
                .isEqualTo(
                        new ApiSettings(
                                "127.0.0.1",
                                8080,
                                false,
                                1000,
                                Duration.ofSeconds(50),
                                4,
                                2,
                                900,
                                new Limits(512, 1000, 60, 128),
                                TenantLimits.NONE));
    }

    @ParameterizedTest
    @CsvSource({
        "ATOMIC_HTTP_HOST, 0.0.0.0",
        "ATOMIC_HTTP_HOST, ::",
        "ATOMIC_HTTP_PORT, 65536",
        "ATOMIC_HTTP_PORT, 80a",
        "ATOMIC_MAX_QUEUE_SIZE, 0",
        "ATOMIC_MAX_QUEUE_SIZE, 1e3",
        "ATOMIC_TENANT_MAX_WAITING, -1",
        "ATOMIC_TENANT_MAX_RUNNING, -1",
        "ATOMIC_TENANT_MAX_RUNNING, two",
        "ATOMIC_TENANT_USD_PER_DAY, 5",
        "ATOMIC_JOB_MAX_COST_USD, 1e3",
        "ATOMIC_JOB_MAX_COST_USD, 1000000.1",
        "ATOMIC_TENANT_SUBMITS_PER_MINUTE, 1000001",
        "ATOMIC_SYNC_WAIT_SECONDS, -1",
        "ATOMIC_MAX_ATTEMPTS, 0",
        "ATOMIC_JOB_TIMEOUT_SECONDS, 99999999999",
        "ATOMIC_MEMORY_LIMIT_MB, 1",
        "ATOMIC_AUTH, maybe"
    })
    void whatIsNotAllowedIsToldWithVariableAndValue(String variable, String value) {
        assertThatThrownBy(() -> ApiSettings.from(new Variables(Map.of(variable, value))))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(variable + "=" + value);
    }

    @Test
    void dollarsAreCountedInBillionths() {
        TenantLimits limits =
                ApiSettings.from(
                                new Variables(
                                        Map.of(
                                                "ATOMIC_TENANT_USD_PER_DAY",
                                                "12.5",
                                                "ATOMIC_JOB_MAX_COST_USD",
                                                "0.000000001")))
                        .tenant();
        assertThat(limits).isEqualTo(new TenantLimits(0, 0, 0, 12_500_000_000L, 0, 1));
    }

    @Test
    void anotherAddressNeedsTlsOrAProxyAndAsksForKeys() {
        Map<String, String> behind =
                Map.of("ATOMIC_HTTP_HOST", "0.0.0.0", "ATOMIC_TRUSTED_PROXIES", "10.0.0.0/8");
        ApiSettings settings = ApiSettings.from(new Variables(behind));
        assertThat(settings.httpHost()).isEqualTo("0.0.0.0");
        assertThat(settings.authenticates()).isTrue();
        Map<String, String> open = new HashMap<>(behind);
        open.put("ATOMIC_AUTH", "off");
        assertThatThrownBy(() -> ApiSettings.from(new Variables(open)))
                .hasMessageStartingWith("ATOMIC_AUTH=off");
        assertThatThrownBy(() ->
                        ApiSettings.from(new Variables(Map.of("ATOMIC_HTTP_HOST", "0.0.0.0"))))
                .hasMessageContaining("ATOMIC_TLS_CERT")
                .hasMessageContaining("ATOMIC_TRUSTED_PROXIES");
    }

    @Test
    void everyLoopbackAddressWill() {
        for (String host : new String[] {"127.0.0.1", "::1", "localhost", "127.1.2.3"}) {
            assertThat(ApiSettings.from(new Variables(Map.of("ATOMIC_HTTP_HOST", host))).httpHost())
                    .isEqualTo(host);
        }
    }
}
