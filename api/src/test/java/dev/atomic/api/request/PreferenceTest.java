package dev.atomic.api.request;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreferenceTest {
    private static final Duration DEFAULT = Duration.ofSeconds(50);

    @Test
    void preferencesAreReadAndSaidToBeApplied() {
        assertThat(preference().patience(DEFAULT)).isEqualTo(DEFAULT);
        assertThat(preference().applied()).isNull();
        assertThat(preference("respond-async").patience(DEFAULT)).isZero();
        assertThat(preference("wait=7").patience(DEFAULT)).hasSeconds(7);
        assertThat(preference("Wait = 7; x=1").applied()).isEqualTo("wait=7");
        assertThat(preference("wait=601").applied()).isEqualTo("wait=600");
        assertThat(preference("respond-async, wait=10").patience(DEFAULT)).hasSeconds(10);
        assertThat(preference("respond-async", "wait=10").applied())
                .isEqualTo("respond-async, wait=10");
    }

    @Test
    void whatIsNotUnderstoodIsPassedOver() {
        assertThat(preference("return=minimal, wait=-1, wait=abc").applied()).isNull();
    }

    private static Preference preference(String... headers) {
        return Preference.of(Collections.enumeration(List.of(headers)));
    }
}
