package dev.atomic.shared.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobIdTest {
    private static final Instant START = Instant.parse("2026-01-02T03:04:05.678Z");

    private final SetClock clock = new SetClock(START);
    private final JobId ids = new JobId(clock);

    @Test
    void anIdIsVersion7OfItsMillisecond() {
        UUID id = ids.next();
        assertThat(id.version()).isEqualTo(7);
        assertThat(id.variant()).isEqualTo(2);
        assertThat(id.getMostSignificantBits() >>> 16).isEqualTo(START.toEpochMilli());
    }

    @Test
    void idsRiseWithinAMillisecondAndBeyondWhatItHolds() {
        assertRising(10_000);
    }

    @Test
    void idsRiseThoughTheClockGoesBack() {
        UUID before = ids.next();
        clock.now = START.minusSeconds(3600);
        assertThat(ids.next().toString()).isGreaterThan(before.toString());
        assertRising(5_000);
    }

    @Test
    void idsRiseOnAClockThatCountsLessThanMilliseconds() {
        String last = "";
        for (int i = 0; i < 5_000; i++) {
            String next = ids.next().toString();
            assertThat(next).isGreaterThan(last);
            last = next;
            clock.now = clock.now.plusNanos(777);
        }
    }

    @Test
    void threadsNeverGetTheSame() throws Exception {
        JobId running = new JobId(Clock.systemUTC());
        Set<UUID> all = new HashSet<>();
        try (var threads = Executors.newFixedThreadPool(4)) {
            List<Future<List<UUID>>> made = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                made.add(
                        threads.submit(() -> {
                            List<UUID> mine = new ArrayList<>();
                            for (int i = 0; i < 5_000; i++) {
                                mine.add(running.next());
                            }
                            return mine;
                        }));
            }
            for (Future<List<UUID>> one : made) {
                all.addAll(one.get());
            }
        }
        assertThat(all).hasSize(20_000);
    }

    @Test
    void whatIsWrittenIsRead() {
        UUID id = ids.next();
        assertThat(JobId.parse(id.toString())).contains(id);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1-1-1-1-1",
                "019b7d6a-7c5e-7001-8001-00000000000",
                "019b7d6a-7c5e-7001-8001-0000000000000",
                "019B7D6A-7C5E-7001-8001-000000000000",
                "019b7d6a7c5e70018001000000000000",
                "{019b7d6a-7c5e-7001-8001-000000000000}",
                "019b7d6a-7c5e-7001-8001-00000000000g",
                " 019b7d6a-7c5e-7001-8001-000000000000",
                "019b7d6a-7c5e-7001-8001-000000000000\n",
                "../../etc/passwd"
            })
    void junkIsNoId(String text) {
        assertThat(JobId.parse(text)).isEmpty();
    }

    @Test
    void theFirstDeliveryBearsTheJobsIdAndEachFenceItsOwn() {
        UUID job = ids.next();
        assertThat(JobId.delivery(job, 0)).isEqualTo(job);
        Set<UUID> deliveries = new HashSet<>();
        for (long fence = 0; fence < 1_000; fence++) {
            UUID delivery = JobId.delivery(job, fence);
            assertThat(delivery).isEqualTo(JobId.delivery(job, fence));
            assertThat(deliveries.add(delivery)).isTrue();
            assertThat(delivery.variant()).isEqualTo(2);
        }
        assertThat(JobId.delivery(job, 1).version()).isEqualTo(8);
        assertThat(JobId.delivery(ids.next(), 1)).isNotEqualTo(JobId.delivery(job, 1));
    }

    private void assertRising(int count) {
        String last = "";
        for (int i = 0; i < count; i++) {
            String next = ids.next().toString();
            assertThat(next).isGreaterThan(last);
            last = next;
        }
    }

    private static final class SetClock extends Clock {
        private Instant now;

        SetClock(Instant now) {
            this.now = now;
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return InstantSource.system().withZone(zone);
        }
    }
}
