package dev.atomic.shared.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.db.TestDatabase;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One suite, both databases.
class TurnsIT {
    private static final Logger LOG = LoggerFactory.getLogger(TurnsIT.class);

    @Nested
    class OnH2 extends TurnsConformance {
        OnH2() {
            super(TestDatabase::h2);
        }
    }

    @Nested
    @Tag("engine")
    class OnPostgres extends TurnsConformance {
        private static final int MANY = 10_000;
        private static final int TENANTS = 999;
        private static final int CLAIM = 16;

        /// As many as one admission takes.
        private static final int GROUP = 64;

        OnPostgres() {
            super(TestDatabase::postgres);
        }

        @Test
        @Timeout(180)
        void manyTenantsPassTheJobsOfOne() {
            for (int i = 0; i < MANY; i += 1_000) {
                enqueue("many", 1_000);
            }
            // As PostgreSQL does by itself within a minute.
            jdbc.sql("analyze job").update();
            long alone = claimsTake(100);
            Set<UUID> others = new HashSet<>();
            for (int i = 0; i < TENANTS; i += GROUP) {
                List<String> group =
                        IntStream.range(i, Math.min(i + GROUP, TENANTS))
                                .mapToObj(number -> "tenant-" + number)
                                .toList();
                inOneTransaction(() -> group.forEach(tenant -> others.addAll(enqueue(tenant, 1))));
            }
            int claimed = 0;
            long began = System.nanoTime();
            while (!others.isEmpty()) {
                List<UUID> next = claim(CLAIM);
                claimed += next.size();
                next.forEach(others::remove);
                assertThat(claimed).isLessThanOrEqualTo(2 * (TENANTS + 1));
            }
            long each = (System.nanoTime() - began) / (claimed / CLAIM);
            LOG.info(
                    "{} tenants with a job each were served within {} claims; {} jobs took {} us with one tenant, {} us with all",
                    TENANTS,
                    claimed,
                    CLAIM,
                    TimeUnit.NANOSECONDS.toMicros(alone),
                    TimeUnit.NANOSECONDS.toMicros(each));
        }

        /// @return nanoseconds a claim of 16
        private long claimsTake(int claims) {
            long began = System.nanoTime();
            for (int i = 0; i < claims; i++) {
                assertThat(claim(CLAIM)).hasSize(CLAIM);
            }
            return (System.nanoTime() - began) / claims;
        }
    }
}
