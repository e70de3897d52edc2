package dev.atomic.worker.sandbox;

import dev.atomic.shared.Variables;
import dev.atomic.shared.job.WorkerRegistry;
import dev.atomic.worker.telemetry.WorkerMeters;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// The worker's sandbox. An engine that doesn't answer doesn't stop the start: the sandbox keeps
/// looking for it, and meanwhile says that it isn't available.
@Configuration(proxyBeanMethods = false)
class SandboxConfiguration {
    @Bean
    SandboxSettings sandboxSettings(Variables variables) {
        int cores = Runtime.getRuntime().availableProcessors();
        return SandboxSettings.from(variables, cores);
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    Sandbox sandbox(
            SandboxSettings settings,
            WorkerRegistry.Beat identity,
            Clock clock,
            WorkerMeters meters) {
        return new Sandbox(settings, identity.id().toString(), clock, meters);
    }
}
