package dev.atomic.api.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atomic.api.problem.ProblemException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class RequestMemoryTest {
    private final RequestMemory memory = new RequestMemory(100);

    @Test
    void sharesAreBoundedTogether() {
        try (RequestMemory.Share first = memory.open();
                RequestMemory.Share second = memory.open()) {
            first.take(60);
            assertThat(second.tryTake(41)).isFalse();
            assertThat(second.tryTake(40)).isTrue();
            assertThatThrownBy(() -> first.take(1))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            refusal -> {
                                assertThat(refusal.status()).isEqualTo(503);
                                assertThat(refusal.retryAfterSeconds()).isPositive();
                            });
            first.giveBack(10);
            assertThat(second.tryTake(10)).isTrue();
        }
        assertThat(memory.held()).isZero();
    }

    @Test
    void whatIsLeftUnfinishedLeavesHalfForOthers() {
        try (RequestMemory.Share unfinished = memory.openForUnfinished();
                RequestMemory.Share other = memory.open()) {
            assertThat(unfinished.tryTake(51)).isFalse();
            assertThat(unfinished.tryTake(50)).isTrue();
            assertThat(other.tryTake(50)).isTrue();
            unfinished.giveBack(10);
            assertThat(unfinished.tryTake(1)).isFalse();
        }
    }

    @Test
    void moreThanAShareHoldsCannotBeGivenBack() {
        try (RequestMemory.Share share = memory.open()) {
            share.take(5);
            assertThatThrownBy(() -> share.giveBack(6))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void manyThreadsNeverHoldMoreThanTheCapacity() {
        AtomicBoolean exceeded = new AtomicBoolean();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 100; i++) {
                threads.submit(() -> {
                    try (RequestMemory.Share share = memory.open()) {
                        for (int round = 0; round < 1_000; round++) {
                            if (share.tryTake(7)) {
                                exceeded.compareAndSet(false, memory.held() > 100);
                                share.giveBack(7);
                            }
                        }
                    }
                });
            }
        }
        assertThat(exceeded).isFalse();
        assertThat(memory.held()).isZero();
    }
}
