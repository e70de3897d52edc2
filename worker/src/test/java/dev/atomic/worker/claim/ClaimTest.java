package dev.atomic.worker.claim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.worker.StopToken;
import dev.atomic.worker.TestClaims;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ClaimTest {
    private final Claim claim = TestClaims.claim();

    @Test
    void itGoesOnUntilItIsToldToStop() {
        assertThat(claim.isStopped()).isFalse();
        assertThat(claim.stopReason()).isNull();
        assertThat(claim.awaitStop(Duration.ZERO)).isFalse();
        claim.stop(StopReason.CANCELLED);
        assertThat(claim.isStopped()).isTrue();
        assertThat(claim.awaitStop(Duration.ofMinutes(1))).isTrue();
    }

    @Test
    void theFirstReasonStays() {
        claim.stop(StopReason.CANCELLED);
        claim.stop(StopReason.SHUTDOWN);
        claim.stop(StopReason.DEADLINE);
        assertThat(claim.stopReason()).isEqualTo(StopReason.CANCELLED);
    }

    @Test
    void aLostClaimOutweighsAnyReason() {
        claim.stop(StopReason.CANCELLED);
        claim.stop(StopReason.FENCED);
        claim.stop(StopReason.CANCELLED);
        assertThat(claim.stopReason()).isEqualTo(StopReason.FENCED);
    }

    @Test
    void whatWasRegisteredRunsOnce() {
        AtomicInteger runs = new AtomicInteger();
        claim.onStop(runs::incrementAndGet);
        claim.stop(StopReason.SHUTDOWN);
        claim.stop(StopReason.FENCED);
        assertThat(runs).hasValue(1);
    }

    @Test
    void whatIsRegisteredTooLateRunsAtOnce() {
        AtomicInteger runs = new AtomicInteger();
        claim.stop(StopReason.SHUTDOWN);
        claim.onStop(runs::incrementAndGet);
        assertThat(runs).hasValue(1);
    }

    @Test
    void whatIsOverIsForgotten() {
        AtomicInteger runs = new AtomicInteger();
        StopToken.Registration over = claim.onStop(runs::incrementAndGet);
        claim.onStop(() -> runs.addAndGet(10));
        over.close();
        over.close();
        claim.stop(StopReason.CANCELLED);
        assertThat(runs).hasValue(10);
    }

    @Test
    void anActionThatFailsKeepsNoOtherFromRunning() {
        AtomicInteger runs = new AtomicInteger();
        claim.onStop(() -> {
            throw new IllegalStateException("its own bug");
        });
        claim.onStop(runs::incrementAndGet);
        claim.stop(StopReason.CANCELLED);
        assertThat(runs).hasValue(1);
    }

    @Test
    void noActionIsMissedHoweverStopAndRegistrationMeet() throws Exception {
        try (var threads = Executors.newFixedThreadPool(2)) {
            for (int i = 0; i < 2_000; i++) {
                Claim raced = TestClaims.claim();
                CountDownLatch ran = new CountDownLatch(1);
                var stopping = threads.submit(() -> raced.stop(StopReason.CANCELLED));
                raced.onStop(ran::countDown);
                stopping.get();
                ran.await();
            }
        }
    }

    @Test
    void anInterruptedWaitIsAShutdown() throws Exception {
        try (var threads = Executors.newSingleThreadExecutor()) {
            var waiting =
                    threads.submit(() -> {
                        Thread.currentThread().interrupt();
                        return claim.awaitStop(Duration.ofMinutes(1)) && Thread.interrupted();
                    });
            assertThat(waiting.get()).isTrue();
            assertThat(claim.stopReason()).isEqualTo(StopReason.SHUTDOWN);
        }
    }
}
