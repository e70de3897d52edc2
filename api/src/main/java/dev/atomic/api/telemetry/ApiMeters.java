package dev.atomic.api.telemetry;

import dev.atomic.shared.event.LoggedEvent;
import dev.atomic.shared.telemetry.Meters;
import dev.atomic.shared.telemetry.Metric;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.springframework.stereotype.Component;

/// The api's part of [Metric], a method for each thing that happens.
///
/// Thread-safe. `began` is always [System#nanoTime()] before it happened.
@Component
public final class ApiMeters {
    private final Clock clock;
    private final Meters meters;
    private final Timer admission;
    private final DistributionSummary group;
    private final Meters.Tagged<Counter> refused;
    private final Counter withdrawn;
    private final Counter relayed;
    private final Timer lag;

    public ApiMeters(MeterRegistry registry, Clock clock) {
        this.clock = clock;
        this.meters = new Meters(registry);
        this.admission = meters.timer(Metric.ADMISSION);
        this.group = meters.summary(Metric.ADMISSION_GROUP);
        this.refused = meters.counters(Metric.ADMISSION_REFUSED);
        this.withdrawn = meters.counter(Metric.JOB_WITHDRAWN);
        this.relayed = meters.counter(Metric.RELAY_EVENTS);
        this.lag = meters.timer(Metric.RELAY_LAG);
    }

    /// A group's transaction was committed.
    public void admitted(long began, int requests) {
        admission.record(System.nanoTime() - began, TimeUnit.NANOSECONDS);
        group.record(requests);
    }

    /// @param code the problem's
    public void refused(String code) {
        refused.of(code).increment();
    }

    /// A waiting job was cancelled.
    public void withdrawn() {
        withdrawn.increment();
    }

    /// Events go to a follower.
    ///
    /// @param live those after this number were appended while it followed
    public void relayed(List<LoggedEvent> events, long live) {
        if (events.isEmpty()) {
            return;
        }
        relayed.increment(events.size());
        if (events.getLast().seq() <= live) {
            return;
        }
        long now = clock.millis();
        for (LoggedEvent event : events) {
            if (event.seq() > live) {
                lag.record(Math.max(0, now - event.at().toEpochMilli()), TimeUnit.MILLISECONDS);
            }
        }
    }

    /// What all processes share, as the database has it: not a number where it didn't answer.
    ///
    /// @param headAge in seconds
    public record FleetReading(
            boolean databaseUp, double queueDepth, double headAge, double workers) {
        /// The database is away.
        public static final FleetReading AWAY =
                new FleetReading(false, Double.NaN, Double.NaN, Double.NaN);
    }

    /// @param fleet kept alive by its owner; asked on any thread, once for each of its meters
    /// @param limit the most jobs that may wait
    public void watchFleet(Supplier<FleetReading> fleet, int limit) {
        meters.gauge(Metric.QUEUE_DEPTH, fleet, read -> read.get().queueDepth());
        meters.gauge(Metric.QUEUE_HEAD_AGE, fleet, read -> read.get().headAge());
        meters.gauge(Metric.WORKERS, fleet, read -> read.get().workers());
        meters.gauge(Metric.DATABASE_UP, fleet, read -> read.get().databaseUp() ? 1 : 0);
        meters.gauge(Metric.QUEUE_LIMIT, fleet, _ -> limit);
    }

    /// @param tail kept alive by its owner
    /// @param followers how many follow now; asked on any thread
    public <T> void watchRelay(T tail, ToDoubleFunction<T> followers) {
        meters.gauge(Metric.RELAY_FOLLOWERS, tail, followers);
    }
}
