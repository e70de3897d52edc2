package dev.atomic.worker.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.atomic.worker.TestClaims;
import dev.atomic.worker.claim.Claim;
import dev.atomic.worker.claim.StopReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class JobMemoryTest {
    private final JobMemory memory = new JobMemory(100);
    private final Claim claim = TestClaims.claim();

    @Test
    void neverIsMoreHeldThanThereIs() throws Exception {
        AtomicLong most = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        for (int i = 1; i <= 16; i++) {
            int bytes = i * 5;
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int j = 0; j < 200; j++) {
                                    try (JobMemory.Share _ =
                                            memory.take(bytes, claim).orElseThrow()) {
                                        most.accumulateAndGet(memory.held(), Math::max);
                                    }
                                }
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(most.get()).isBetween(80L, 100L);
        assertThat(memory.held()).isZero();
    }

    @Test
    void aLargeOneIsNotPassedBySmallOnesThatCameLater() throws Exception {
        List<String> order = new CopyOnWriteArrayList<>();
        JobMemory.Share first = take(50);
        Thread large = start(() -> order.add("large"), 80);
        Thread small = start(() -> order.add("small"), 30);
        assertThat(order).as("the small one would fit").isEmpty();
        first.close();
        large.join();
        small.join();
        assertThat(order).containsExactly("large", "small");
    }

    @Test
    void moreThanThereIsGetsItAll() {
        JobMemory.Share all = take(1_000);
        assertThat(memory.held()).isEqualTo(100);
        all.close();
        all.close();
        assertThat(memory.held()).isZero();
    }

    @Test
    void oneThatWaitsAndIsToldToStopMakesRoomForTheNext() throws Exception {
        JobMemory.Share first = take(50);
        Claim cancelled = TestClaims.claim();
        FutureTask<Optional<JobMemory.Share>> stopped =
                new FutureTask<>(() -> memory.take(80, cancelled));
        awaitWaiting(Thread.ofPlatform().start(stopped));
        cancelled.stop(StopReason.CANCELLED);
        assertThat(stopped.get(2, TimeUnit.SECONDS)).isEmpty();
        take(50).close();
        first.close();
        assertThat(memory.held()).isZero();
    }

    private JobMemory.Share take(long bytes) {
        return memory.take(bytes, claim).orElseThrow();
    }

    /// A thread that waits for so much, so that the next one comes behind it.
    private Thread start(Runnable then, long bytes) {
        Thread thread =
                Thread.ofPlatform()
                        .start(() -> {
                            try (JobMemory.Share _ = take(bytes)) {
                                then.run();
                            }
                        });
        awaitWaiting(thread);
        return thread;
    }

    private static void awaitWaiting(Thread thread) {
        await().atMost(Duration.ofSeconds(10))
                .until(() -> thread.getState() == Thread.State.TIMED_WAITING);
    }
}
