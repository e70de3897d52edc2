package dev.atomic.worker;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/// Ready is a worker that claims jobs.
@Component("claiming")
final class ClaimingHealth implements HealthIndicator {
    private final WorkerLifecycle lifecycle;

    ClaimingHealth(WorkerLifecycle lifecycle) {
        this.lifecycle = lifecycle;
    }

    @Override
    public Health health() {
        return lifecycle.isClaiming() ? Health.up().build() : Health.down().build();
    }
}
