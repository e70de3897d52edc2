package dev.atomic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.queue.Signals.Signal;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FirstLookTest {
    private static final int JOBS = 3_000;

    private final List<UUID> workers = Stream.generate(UUID::randomUUID).limit(3).sorted().toList();

    @Test
    void oneWorkerLooksFirstForEachJobAndEachAsOftenAsTheOthers() {
        int[] first = new int[3];
        for (int i = 0; i < JOBS; i++) {
            Signal work = new Signal(Set.of(UUID.randomUUID()), false);
            int looking = 0;
            for (int w = 0; w < 3; w++) {
                if (look(w, workers).test(work)) {
                    first[w]++;
                    looking++;
                }
            }
            assertThat(looking).isEqualTo(1);
        }
        // 1,000 each on average, with a standard deviation of 26.
        assertThat(Math.abs(first[0] - JOBS / 3)).isLessThan(200);
        assertThat(Math.abs(first[1] - JOBS / 3)).isLessThan(200);
    }

    @Test
    void whoKnowsNothingOfTheOthersLooksAtOnce() {
        Signal work = new Signal(Set.of(UUID.randomUUID()), false);
        assertThat(look(0, List.of()).test(work)).isTrue();
        assertThat(look(0, workers.subList(1, 3)).test(work)).as("not signed on yet").isTrue();
    }

    @Test
    void allLookWhenAnythingMayHaveHappened() {
        Signal anything = new Signal(Set.of(), true);
        for (int w = 0; w < 3; w++) {
            assertThat(look(w, workers).test(anything)).isTrue();
        }
    }

    private FirstLook look(int worker, List<UUID> alive) {
        return new FirstLook(workers.get(worker), () -> alive);
    }
}
