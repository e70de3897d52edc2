package dev.atomic.api;

import dev.atomic.db.SettingException;
import dev.atomic.shared.DatabaseConfiguration;
import dev.atomic.shared.Settings;
import dev.atomic.shared.Variables;
import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.StandardEnvironment;

/// The api process: admits jobs, answers polls, relays events. Stateless; any number may run.
@SpringBootApplication
@Import(DatabaseConfiguration.class)
public class ApiApplication {
    /// What the `atomic` command takes for "can't start".
    private static final int CANNOT_START = 3;

    public static void main(String[] args) {
        try {
            Variables variables = Variables.of(new StandardEnvironment());
            SpringApplication application = new SpringApplication(ApiApplication.class);
            application.setDefaultProperties(properties(variables));
            application.run(args);
        } catch (SettingException e) {
            System.err.println("api: " + e.getMessage());
            System.exit(CANNOT_START);
        } catch (SpringApplication.AbandonedRunException e) {
            throw e;
        } catch (RuntimeException e) {
            // StartFailure has said why.
            System.exit(CANNOT_START);
        }
    }

    /// Checked settings in the names Spring Boot knows. `application.yaml` has none of these, so
    /// that nothing of it comes before them.
    private static Map<String, Object> properties(Variables variables) {
        ApiSettings settings = ApiSettings.from(variables.values());
        Settings processes = new Settings(variables.values());
        Map<String, Object> properties = new HashMap<>();
        properties.put("server.address", settings.httpHost());
        properties.put("server.port", settings.httpPort());
        properties.put(
                "logging.level.dev.atomic",
                processes.oneOf(
                        "ATOMIC_LOG_LEVEL", "INFO", "TRACE", "DEBUG", "INFO", "WARN", "ERROR"));
        if (processes.oneOf("ATOMIC_LOG_FORMAT", "text", "text", "json").equals("json")) {
            properties.put("logging.structured.format.console", "logstash");
        }
        int cores = Runtime.getRuntime().availableProcessors();
        // Read by the JDK when the first virtual thread starts, which is later than this.
        System.setProperty(
                "jdk.virtualThreadScheduler.parallelism",
                Integer.toString(processes.integer("ATOMIC_THREADS", cores, 1, 1024)));
        return properties;
    }
}
