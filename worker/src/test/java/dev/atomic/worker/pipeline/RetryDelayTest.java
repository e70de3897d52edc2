package dev.atomic.worker.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryDelayTest {
    private final Random random = new Random(7);

    @ParameterizedTest
    @CsvSource({
        "1, 1600, 2400",
        "2, 6400, 9600",
        "3, 25600, 38400",
        "4, 48000, 60000",
        "50, 48000, 60000"
    })
    void itIsWithinItsBoundsAndUsesThem(int attempt, long least, long most) {
        long low = Long.MAX_VALUE;
        long high = 0;
        for (int i = 0; i < 2_000; i++) {
            long ms = RetryDelay.after(attempt, null, random).toMillis();
            low = Math.min(low, ms);
            high = Math.max(high, ms);
        }
        assertThat(low).isBetween(least, least + (most - least) / 20);
        assertThat(high).isBetween(most - (most - least) / 20, most);
    }

    @Test
    void theProvidersOwnDelayHoldsWhenItIsLonger() {
        assertThat(RetryDelay.after(1, Duration.ofSeconds(90), random))
                .isEqualTo(Duration.ofSeconds(90));
        assertThat(RetryDelay.after(1, Duration.ofMillis(5), random))
                .isGreaterThan(Duration.ofSeconds(1));
        assertThat(RetryDelay.after(1, Duration.ofSeconds(-5), random)).isPositive();
    }
}
