package dev.atomic.worker.actuator;

import dev.atomic.shared.Variables;
import dev.atomic.shared.access.AccessRules;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Puts [ActuatorFilter] before every route.
@Configuration(proxyBeanMethods = false)
public class ActuatorConfiguration {
    @Bean
    ActuatorFilter actuatorFilter(Variables variables) {
        return new ActuatorFilter(AccessRules.ofActuator(variables.values()));
    }
}
