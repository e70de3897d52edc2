package dev.atomic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.queue.Signals.Signal;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FirstLookTest {
    private static final int JOBS = 3_000;

    private final List<UUID> workers = workers(3);

    @Test
    void oneWorkerLooksFirstForEachJobAndEachAsOftenAsTheOthers() {
        int[] first = new int[3];
        for (int i = 0; i < JOBS; i++) {
            Signal work = new Signal(Set.of(UUID.randomUUID()), false);
            int looking = 0;
            for (int w = 0; w < 3; w++) {
                long delay = look(w, workers).delayNanos(work).orElseThrow();
                if (delay == 0) {
                    first[w]++;
                    looking++;
                } else {
                    assertThat(delay).isEqualTo(FirstLook.LATER_NANOS);
                }
            }
            assertThat(looking).isEqualTo(1);
        }
        // 1,000 each on average, with a standard deviation of 26.
        assertThat(Math.abs(first[0] - JOBS / 3)).isLessThan(200);
        assertThat(Math.abs(first[1] - JOBS / 3)).isLessThan(200);
    }

    @Test
    void ofManyWorkersOnlyAFewLook() {
        List<UUID> many = workers(500);
        for (int i = 0; i < 100; i++) {
            Signal work = new Signal(Set.of(UUID.randomUUID()), false);
            List<OptionalLong> delays =
                    many.stream()
                            .map(worker -> new FirstLook(worker, () -> many).delayNanos(work))
                            .filter(OptionalLong::isPresent)
                            .toList();
            assertThat(delays).hasSize(FirstLook.LOOKING);
            assertThat(delays).filteredOn(delay -> delay.getAsLong() == 0).hasSize(1);
        }
    }

    @Test
    void whoKnowsNothingOfTheOthersLooksAtOnce() {
        Signal work = new Signal(Set.of(UUID.randomUUID()), false);
        assertThat(look(0, List.of()).delayNanos(work)).hasValue(0);
        assertThat(look(0, workers.subList(1, 3)).delayNanos(work))
                .as("not signed on yet")
                .hasValue(0);
    }

    @Test
    void allLookWhenAnythingMayHaveHappened() {
        Signal anything = new Signal(Set.of(), true);
        for (int w = 0; w < 3; w++) {
            assertThat(look(w, workers).delayNanos(anything)).hasValue(0);
        }
    }

    private static List<UUID> workers(int count) {
        return Stream.generate(UUID::randomUUID).limit(count).sorted().toList();
    }

    private FirstLook look(int worker, List<UUID> alive) {
        return new FirstLook(workers.get(worker), () -> alive);
    }
}
