package dev.atomic.api.status;

import dev.atomic.shared.PatientPool;
import java.time.Duration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/// Whether the database answers, for readiness. In place of Boot's own, which wants a connection of
/// the pool: an api whose pool is busy would be taken out of service for that.
@Component("dbHealthIndicator")
final class DatabaseHealth implements HealthIndicator {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final PatientPool pool;

    DatabaseHealth(PatientPool pool) {
        this.pool = pool;
    }

    @Override
    public Health health() {
        return (pool.answers(PATIENCE) ? Health.up() : Health.down()).build();
    }
}
