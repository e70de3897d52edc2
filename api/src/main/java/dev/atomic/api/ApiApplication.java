package dev.atomic.api;

import dev.atomic.shared.DatabaseConfiguration;
import dev.atomic.shared.Launch;
import dev.atomic.shared.Settings;
import dev.atomic.shared.Variables;
import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Import;

/// The api process: admits jobs, answers polls, relays events. Stateless; any number may run.
@SpringBootApplication
@Import(DatabaseConfiguration.class)
public class ApiApplication {
    public static void main(String[] args) {
        Launch.run(ApiApplication.class, args, ApiApplication::properties);
    }

    /// Checked settings in the names Spring Boot knows. `application.yaml` has none of these,
    /// because it would go before them.
    private static Map<String, Object> properties(Variables variables) {
        ApiSettings settings = ApiSettings.from(variables.values());
        Settings process = new Settings(variables.values());
        int cores = Runtime.getRuntime().availableProcessors();
        // Read by the JDK when the first virtual thread starts, which is later than this.
        System.setProperty(
                "jdk.virtualThreadScheduler.parallelism",
                Integer.toString(process.integer("ATOMIC_THREADS", cores, 1, 1024)));
        Map<String, Object> properties = new HashMap<>();
        properties.put("server.address", settings.httpHost());
        properties.put("server.port", settings.httpPort());
        return properties;
    }
}
