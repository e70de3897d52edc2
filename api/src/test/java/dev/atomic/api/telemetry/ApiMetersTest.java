package dev.atomic.api.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.event.LoggedEvent;
import dev.atomic.shared.telemetry.MeterRules;
import dev.atomic.shared.telemetry.Metric;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The api measures what the table says, all of it.
class ApiMetersTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final ApiMeters meters = new ApiMeters(registry, Clock.fixed(NOW, ZoneOffset.UTC));

    @Test
    void everySeriesOfTheTableIsThereFromTheStartAndNoOther() {
        meters.watchRelay("tail", String::length);
        meters.watchFleet(() -> ApiMeters.FleetReading.AWAY, 1);
        assertThat(MeterRules.seriesIn(registry)).isEqualTo(MeterRules.seriesOf(Metric.Source.API));
    }

    @Test
    void nothingStandsStillAndNoMeterIsMadeElsewhere() {
        assertThat(MeterRules.unfed(ApiMeters.class, "dev.atomic.api")).isEmpty();
        assertThat(MeterRules.makersBeside(ApiMeters.class, "dev.atomic.api")).isEmpty();
    }

    @Test
    void onlyWhatWasAppendedWhileItWasFollowedHasALag() {
        meters.relayed(List.of(event(1, 900_000), event(2, 400), event(3, -50)), 1);
        assertThat(registry.get(Metric.RELAY_EVENTS.id()).counter().count()).isEqualTo(3);
        var lag = registry.get(Metric.RELAY_LAG.id()).timer();
        assertThat(lag.count()).isEqualTo(2);
        assertThat(lag.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(400);
    }

    private static LoggedEvent event(long seq, long ageMs) {
        return new LoggedEvent(new UUID(0, 1), seq, "chunk", NOW.minusMillis(ageMs), 1, "{}");
    }
}
