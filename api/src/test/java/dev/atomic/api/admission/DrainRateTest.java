package dev.atomic.api.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DrainRateTest {
    private final DrainRate drain = new DrainRate();
    private long now;

    @Test
    void unknownWhileNothingWasSeen() {
        assertThat(drain.retryAfterSeconds(1000)).isBetween(1, 60);
        see(1000, 0, 0);
        assertThat(drain.retryAfterSeconds(1000)).isBetween(1, 60);
    }

    @Test
    void aTenthOfTheQueueAtTheRateSeen() {
        see(1000, 0, 0);
        see(995, 1000, 5); // five left, five came
        see(995, 1000, 5);
        assertThat(drain.retryAfterSeconds(1000)).isEqualTo(20);
    }

    @Test
    void neverMoreThanAMinuteNorLessThanASecond() {
        see(10, 0, 0);
        see(10, 5_000, 0);
        assertThat(drain.retryAfterSeconds(10)).isEqualTo(60);
        see(10, 10_000, 0);
        see(0, 1, 0);
        for (int i = 0; i < 20; i++) {
            see(0, 1000, 100_000);
        }
        assertThat(drain.retryAfterSeconds(10)).isEqualTo(1);
    }

    private void see(int waiting, long afterMillis, int admitted) {
        now += TimeUnit.MILLISECONDS.toNanos(afterMillis);
        drain.counted(now, waiting);
        drain.admitted(admitted);
    }
}
