package dev.atomic.worker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.telemetry.MeterRules;
import dev.atomic.shared.telemetry.Metric;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

/// The worker measures what the table says, all of it.
class WorkerMetersTest {
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final WorkerMeters meters = new WorkerMeters(registry);

    @Test
    void everySeriesOfTheTableIsThereFromTheStartAndNoOther() {
        meters.watchPool("pool", String::length);
        assertThat(MeterRules.seriesIn(registry))
                .isEqualTo(MeterRules.seriesOf(Metric.Source.WORKER));
    }

    @Test
    void nothingStandsStillAndNoMeterIsMadeElsewhere() {
        assertThat(MeterRules.unfed(WorkerMeters.class, "dev.atomic.worker")).isEmpty();
        assertThat(MeterRules.makersBeside(WorkerMeters.class, "dev.atomic.worker")).isEmpty();
    }

    @Test
    void aReasonNobodyForesawIsCountedAsOther() {
        meters.attemptRetried("moon_phase");
        assertThat(
                        registry.get(Metric.ATTEMPT_RETRIED.id())
                                .tag("reason", "other")
                                .counter()
                                .count())
                .isEqualTo(1);
    }
}
