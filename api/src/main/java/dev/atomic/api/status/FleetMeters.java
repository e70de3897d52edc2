package dev.atomic.api.status;

import dev.atomic.api.ApiSettings;
import dev.atomic.api.telemetry.ApiMeters;
import dev.atomic.api.telemetry.ApiMeters.FleetReading;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/// What a scrape is told of all processes together. Its meters are read one after the other, so
/// what was read, or that nothing could be, is good for all of them: a database that hangs costs a
/// scrape one wait and not five.
///
/// Thread-safe.
@Component
final class FleetMeters {
    private static final Logger LOG = LoggerFactory.getLogger(FleetMeters.class);

    private static final Duration FRESH = Duration.ofSeconds(1);

    private final Fleet fleet;

    /// Held here because the registry holds it weakly.
    private final Supplier<FleetReading> reading = this::read;

    private FleetReading last = FleetReading.AWAY;
    private long readAt = System.nanoTime() - FRESH.toNanos();

    FleetMeters(Fleet fleet, ApiSettings settings, ApiMeters meters) {
        this.fleet = fleet;
        meters.watchFleet(reading, settings.maxQueueSize());
    }

    private synchronized FleetReading read() {
        if (System.nanoTime() - readAt >= FRESH.toNanos()) {
            last = ask();
            readAt = System.nanoTime();
        }
        return last;
    }

    private FleetReading ask() {
        try {
            Fleet.Backlog backlog = fleet.backlog();
            return new FleetReading(
                    true,
                    backlog.waiting(),
                    backlog.headAge().toMillis() / 1e3,
                    fleet.workers().alive());
        } catch (RuntimeException e) {
            LOG.debug("no numbers of the fleet, the database is away: {}", e.getMessage());
            return FleetReading.AWAY;
        }
    }
}
