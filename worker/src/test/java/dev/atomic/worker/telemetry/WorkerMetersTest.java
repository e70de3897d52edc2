package dev.atomic.worker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.checkpoint.Usage;
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
        meters.watchWorker("worker", 1, String::length, _ -> true, _ -> true);
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
    void whatAModelWasPaidIsCountedByProviderAndWhatHasNoPriceApart() {
        meters.paid("openai", new Usage(10, 20, 0.5, false));
        meters.paid("mine", new Usage(1, 2, null, true));
        meters.paid(null, new Usage(0, 3, null, true));
        meters.paid("gemini", Usage.NONE);
        assertThat(count(Metric.MODEL_TOKENS, "provider", "openai", "direction", "output"))
                .isEqualTo(20);
        assertThat(count(Metric.MODEL_COST, "provider", "openai")).isEqualTo(0.5);
        assertThat(count(Metric.MODEL_TOKENS, "provider", "other", "direction", "input"))
                .isEqualTo(1);
        assertThat(count(Metric.MODEL_UNPRICED, "provider", "other")).isEqualTo(1);
        assertThat(count(Metric.MODEL_UNPRICED, "provider", "none")).isEqualTo(1);
        assertThat(count(Metric.MODEL_UNPRICED, "provider", "gemini")).isZero();
    }

    private double count(Metric metric, String... tags) {
        return registry.get(metric.id()).tags(tags).counter().count();
    }

    @Test
    void verdictsOfEachKindAreCountedApart() {
        for (RunPlan.Proof kind : RunPlan.Proof.values()) {
            String name = kind.name().toLowerCase(Locale.ROOT);
            meters.verified(
                    Verification.unrun(
                            VerificationStatus.FAILED,
                            new Verification.Proof(name, null, null, null, null, null, null),
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
