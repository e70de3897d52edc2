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
import java.util.concurrent.atomic.AtomicInteger;
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
    private final AtomicInteger depth = new AtomicInteger();
    private final Counter withdrawn;
    private final Counter relayed;
    private final Timer lag;

    public ApiMeters(MeterRegistry registry, Clock clock) {
        this.clock = clock;
        this.meters = new Meters(registry);
        this.admission = meters.timer(Metric.ADMISSION);
        this.group = meters.summary(Metric.ADMISSION_GROUP);
        this.refused = meters.counters(Metric.ADMISSION_REFUSED);
        meters.gauge(Metric.QUEUE_DEPTH, depth, AtomicInteger::doubleValue);
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

    /// @param position the place in the queue of a job that was just admitted, from 1 on
    public void queued(int position) {
        depth.set(position);
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

    /// @param tail kept alive by its owner
    /// @param followers how many follow now; asked on any thread
    public <T> void watchRelay(T tail, ToDoubleFunction<T> followers) {
        meters.gauge(Metric.RELAY_FOLLOWERS, tail, followers);
    }
}
