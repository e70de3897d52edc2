package dev.atomic.worker.sandbox.engine;

import dev.atomic.shared.verify.Limits;
import dev.atomic.worker.sandbox.run.Preparation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// The containers of a pool, by what they are prepared for. The oldest goes first.
///
/// Not thread-safe.
final class Shelves {
    private final Map<Preparation, Integer> sizes;
    private final Map<Preparation, Deque<RunnerContainer>> containers =
            new EnumMap<>(Preparation.class);

    Shelves(Map<Preparation, Integer> sizes) {
        this.sizes = Map.copyOf(sizes);
    }

    private Deque<RunnerContainer> shelf(Preparation preparation) {
        return containers.computeIfAbsent(preparation, _ -> new ArrayDeque<>());
    }

    /// Whether there is to be a pool at all.
    boolean isUsed() {
        return sizes.getOrDefault(Preparation.NOTHING, 0) > 0;
    }

    int count(Preparation preparation) {
        return shelf(preparation).size();
    }

    /// Which is to be filled next: those for any run first.
    Optional<Preparation> lacking() {
        for (Preparation each : Preparation.values()) {
            if (count(each) < sizes.getOrDefault(each, 0)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    void add(RunnerContainer container) {
        shelf(container.preparation()).addLast(container);
    }

    Optional<RunnerContainer> take(Limits limits, Preparation preparation) {
        Deque<RunnerContainer> shelf = shelf(preparation);
        return shelf.isEmpty() || !shelf.getFirst().hasLimits(limits)
                ? Optional.empty()
                : Optional.of(shelf.removeFirst());
    }

    /// Takes out those for which this holds.
    List<RunnerContainer> removeIf(Predicate<RunnerContainer> condition) {
        List<RunnerContainer> removed = new ArrayList<>();
        for (Deque<RunnerContainer> shelf : containers.values()) {
            for (Iterator<RunnerContainer> each = shelf.iterator(); each.hasNext(); ) {
                RunnerContainer container = each.next();
                if (condition.test(container)) {
                    each.remove();
                    removed.add(container);
                }
            }
        }
        return removed;
    }
}
