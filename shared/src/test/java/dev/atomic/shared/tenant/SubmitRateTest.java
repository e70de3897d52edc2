package dev.atomic.shared.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubmitRateTest {
    private static final long NOW = SubmitRate.nanos(Instant.parse("2026-11-27T12:00:00.5Z"));
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 60, 999_999, 1_000_000})
    void aMinutesWorthMayComeAtOnceAndNoMore(int perMinute) {
        SubmitRate rate = new SubmitRate(perMinute);
        assertThat(taken(rate, 0, NOW)).isEqualTo(perMinute);
    }

    @Test
    void oneMoreMayComeEachTimeItsShareOfTheMinuteHasPassed() {
        SubmitRate rate = new SubmitRate(30);
        long kept = empty(rate, NOW);
        assertThat(rate.wait(kept, NOW)).isEqualTo(Duration.ofSeconds(2));
        assertThat(rate.take(kept, NOW + 2 * SECOND - 1)).isEmpty();
        OptionalLong one = rate.take(kept, NOW + 2 * SECOND);
        assertThat(one).isPresent();
        assertThat(rate.take(one.getAsLong(), NOW + 2 * SECOND)).isEmpty();
        assertThat(rate.wait(kept, NOW + 5 * SECOND)).isEqualTo(Duration.ZERO);
    }

    @Test
    void nothingIsSavedUpBeyondAMinutesWorth() {
        SubmitRate rate = new SubmitRate(10);
        long kept = empty(rate, NOW);
        assertThat(taken(rate, kept, NOW + 30 * SECOND)).isEqualTo(5);
        assertThat(taken(rate, kept, NOW + 3_600 * SECOND)).isEqualTo(10);
    }

    @Test
    void aClockThatIsPutBackKeepsNobodyOutForLongerThanAFullBucketTakes() {
        SubmitRate rate = new SubmitRate(10);
        long kept = empty(rate, NOW);
        assertThat(rate.wait(kept, NOW - 3_600 * SECOND)).isEqualTo(Duration.ofSeconds(6));
    }

    private static long empty(SubmitRate rate, long now) {
        long kept = 0;
        for (OptionalLong next = rate.take(kept, now);
                next.isPresent();
                next = rate.take(kept, now)) {
            kept = next.getAsLong();
        }
        return kept;
    }

    private static int taken(SubmitRate rate, long before, long now) {
        long kept = before;
        int taken = 0;
        for (OptionalLong next = rate.take(kept, now);
                next.isPresent();
                next = rate.take(kept, now)) {
            kept = next.getAsLong();
            taken++;
        }
        return taken;
    }
}
