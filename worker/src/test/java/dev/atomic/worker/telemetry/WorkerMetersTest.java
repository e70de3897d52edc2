package dev.atomic.worker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.telemetry.MeterRules;
import dev.atomic.shared.telemetry.Metric;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
import dev.atomic.worker.sandbox.run.RunPlan;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Locale;
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

    @Test
    void verdictsOfEachKindAreCountedApart() {
        for (RunPlan.Proof kind : RunPlan.Proof.values()) {
            String name = kind.name().toLowerCase(Locale.ROOT);
            meters.verified(
                    Verification.unrun(
                            VerificationStatus.FAILED,
                            new Verification.Proof(name, null, null, null, null, null),
                            "reason",
                            Verification.Container.NONE));
            assertThat(
                            registry.get(Metric.VERDICT.id())
                                    .tag("kind", name)
                                    .tag("status", "failed")
                                    .counter()
                                    .count())
                    .isEqualTo(1);
        }
    }
}
