package dev.atomic.api.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BodyBytesTest {
    private final RequestMemory memory = new RequestMemory(1 << 20);

    @Test
    void givesBackWhatItRead() throws IOException {
        for (int length : new int[] {0, 1, 4_095, 4_096, 4_097, 8_192, 300_000}) {
            byte[] sent = new byte[length];
            new Random(length).nextBytes(sent);
            // Outside of texts only these count.
            for (int i = 0; i < length; i++) {
                sent[i] = (byte) ((sent[i] & 0x0f) | 0x30);
            }
            try (RequestMemory.Share share = memory.open()) {
                BodyBytes body = new BodyBytes();
                assertThat(body.fill(new ByteArrayInputStream(sent), length, share)).isTrue();
                assertThat(memory.held()).isGreaterThanOrEqualTo(length);
                assertThat(body.readAllBytes()).isEqualTo(sent);
            }
            assertThat(memory.held()).isZero();
        }
    }

    @Test
    void takesWhatArrivesAndLittleMore() throws IOException {
        AtomicLong arrived = new AtomicLong();
        InputStream in =
                new InputStream() {
                    @Override
                    public int read() {
                        long count = arrived.incrementAndGet();
                        assertThat(memory.held()).isLessThanOrEqualTo(2 * count + 4_096);
                        return count > 400_000 ? -1 : '0';
                    }
                };
        try (RequestMemory.Share share = memory.open()) {
            assertThat(new BodyBytes().fill(in, 1 << 20, share)).isTrue();
        }
    }

    @Test
    void endsWhereTheBudgetEnds() {
        AtomicLong arrived = new AtomicLong();
        InputStream endless =
                new InputStream() {
                    @Override
                    public int read() {
                        arrived.incrementAndGet();
                        return '0';
                    }
                };
        try (RequestMemory.Share share = memory.open()) {
            ProblemException refusal =
                    catchThrowableOfType(
                            ProblemException.class,
                            () -> new BodyBytes().fill(endless, 12 << 20, share));
            assertThat(refusal.status()).isEqualTo(503);
            assertThat(refusal.retryAfterSeconds()).isPositive();
        }
        assertThat(arrived.get()).isLessThanOrEqualTo(1 << 20);
        assertThat(memory.held()).isZero();
    }

    @Test
    void endsWhereABodyEnds() throws IOException {
        try (RequestMemory.Share share = memory.open()) {
            assertThat(new BodyBytes().fill(new ByteArrayInputStream(new byte[11]), 10, share))
                    .isFalse();
        }
    }

    /// What a slow sender holds nobody else can have.
    @Test
    void whoSendsTooSlowlyIsNotWaitedFor() {
        AtomicLong nanos = new AtomicLong();
        InputStream trickle =
                new InputStream() {
                    @Override
                    public int read() {
                        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
                        return '0';
                    }

                    @Override
                    public int read(byte[] to, int offset, int length) {
                        to[offset] = (byte) read();
                        return 1;
                    }
                };
        try (RequestMemory.Share share = memory.open()) {
            ProblemException refusal =
                    catchThrowableOfType(
                            ProblemException.class,
                            () -> new BodyBytes(nanos::get).fill(trickle, 12 << 20, share));
            assertThat(refusal.status()).isEqualTo(408);
            assertThat(TimeUnit.NANOSECONDS.toSeconds(nanos.get())).isBetween(20L, 25L);
        }
        assertThat(memory.held()).isZero();
    }
}
