package dev.atomic.shared.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/// Makes the meters of [Metric]: once, at start, a series for each value a tag can have, so that a
/// dashboard sees zeros and not gaps, and feeding one looks nothing up in the registry.
///
/// Thread-safe.
public final class Meters {
    private final MeterRegistry registry;

    public Meters(MeterRegistry registry) {
        this.registry = registry;
    }

    public Counter counter(Metric metric) {
        return counter(metric, Tags.empty());
    }

    private Counter counter(Metric metric, Tags tags) {
        expect(metric, Metric.Type.COUNTER);
        return Counter.builder(metric.id())
                .description(metric.about())
                .tags(tags)
                .register(registry);
    }

    public Tagged<Counter> counters(Metric metric) {
        return new Tagged<>(metric, tags -> counter(metric, tags));
    }

    public Timer timer(Metric metric) {
        return timer(metric, Tags.empty());
    }

    private Timer timer(Metric metric, Tags tags) {
        expect(metric, Metric.Type.TIMER);
        Timer.Builder timer = Timer.builder(metric.id()).description(metric.about()).tags(tags);
        if (!metric.buckets().isEmpty()) {
            timer.serviceLevelObjectives(metric.buckets().toArray(Duration[]::new));
        }
        return timer.register(registry);
    }

    public Tagged<Timer> timers(Metric metric) {
        return new Tagged<>(metric, tags -> timer(metric, tags));
    }

    public DistributionSummary summary(Metric metric) {
        expect(metric, Metric.Type.SUMMARY);
        return DistributionSummary.builder(metric.id())
                .description(metric.about())
                .register(registry);
    }

    /// @param source kept alive by its owner: the registry doesn't
    /// @param value asked when the meters are read, on the reader's thread
    public <T> void gauge(Metric metric, T source, ToDoubleFunction<T> value) {
        expect(metric, Metric.Type.GAUGE);
        Gauge.builder(metric.id(), source, value).description(metric.about()).register(registry);
    }

    private static void expect(Metric metric, Metric.Type type) {
        if (metric.type() != type) {
            throw new IllegalArgumentException(metric + " is a " + metric.type().label());
        }
    }

    /// A meter's series, one for each combination of its tags' values.
    public static final class Tagged<M> {
        private final List<Tag> tags;
        private final Map<List<String>, M> series = new HashMap<>();

        private Tagged(Metric metric, Function<Tags, M> make) {
            this.tags = metric.tags();
            register(List.of(), Tags.empty(), make);
        }

        private void register(List<String> values, Tags labels, Function<Tags, M> make) {
            if (values.size() == tags.size()) {
                series.put(values, make.apply(labels));
                return;
            }
            Tag next = tags.get(values.size());
            for (String value : next.domain()) {
                List<String> longer = new ArrayList<>(values);
                longer.add(value);
                register(List.copyOf(longer), labels.and(next.label(), value), make);
            }
        }

        /// @param values one for each tag, in the table's order; an unknown one is `other`, where
        ///   the tag has that
        /// @throws IllegalArgumentException for a value that isn't the tag's
        public M of(String... values) {
            String[] bounded = new String[values.length];
            for (int i = 0; i < values.length; i++) {
                bounded[i] = tags.get(i).bounded(values[i]);
            }
            return Objects.requireNonNull(series.get(List.of(bounded)));
        }
    }
}
