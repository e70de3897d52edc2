package dev.atomic.shared;

import java.util.Map;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.StandardEnvironment;

/// Spring's environment without the process's: variables and system properties aren't sources of
/// properties, so that `SERVER_ADDRESS` or `SPRING_APPLICATION_JSON` changes nothing, and no secret
/// can be read through it. What is passed in goes before `application.yaml`.
final class ClosedEnvironment extends StandardEnvironment {
    ClosedEnvironment(Map<String, Object> properties) {
        getPropertySources().addFirst(new MapPropertySource("atomic", properties));
    }

    @Override
    protected void customizePropertySources(MutablePropertySources sources) {
        // None of those Spring would have by default.
    }
}
