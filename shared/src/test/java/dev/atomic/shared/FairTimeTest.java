package dev.atomic.shared;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class FairTimeTest {
    @Test
    void aThirdOfTheTimeRunningIsAThirdOfTheTime() {
        assertThat(FairTime.fair(900, 10, 20)).isEqualTo(300);
    }

    @Test
    void whatTheKernelDoesNotTellIsTheClocksTime() {
        assertThat(FairTime.fair(900, 0, 0)).isEqualTo(900);
        assertThat(FairTime.fair(900, -5, 20)).isEqualTo(900);
        assertThat(FairTime.fair(900, 5, -1)).isEqualTo(900);
    }

    /// Four times as many threads as processors, so each has at most a quarter of one.
    @Test
    void timeIsLongerWhereThreadsWaitForAProcessor() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        List<Thread> busy = new ArrayList<>();
        for (int i = 0; i < 4 * Runtime.getRuntime().availableProcessors(); i++) {
            busy.add(Thread.ofPlatform().start(() -> burn(stop)));
        }
        try {
            FairTime time = FairTime.start();
            long began = System.nanoTime();
            Thread.sleep(1_000);
            Duration fair = time.elapsed();
            assertThat(fair)
                    .isPositive()
                    .isLessThan(Duration.ofNanos(System.nanoTime() - began).dividedBy(2));
        } finally {
            stop.set(true);
            for (Thread thread : busy) {
                thread.join();
            }
        }
    }

    private static void burn(AtomicBoolean stop) {
        while (!stop.get()) {
            Thread.onSpinWait();
        }
    }
}
