package dev.atomic.shared;

import dev.atomic.db.SettingException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.context.WebServerPortFileWriter;
import org.springframework.core.env.StandardEnvironment;

/// Starts a process of ours: what an operator did wrong ends it with one line and exit code 3, not
/// with a stack trace.
public final class Launch {
    /// The exit code of a process that can't start.
    public static final int CANNOT_START = 3;

    private static final List<String> NOT_BUILT =
            List.of(
                    "ATOMIC_JWT_ISSUER",
                    "ATOMIC_JWT_SECRET",
                    "ATOMIC_JWT_SECRET_FILE",
                    "ATOMIC_WEBHOOK_ALLOW");

    private Launch() {}

    /// Runs a Spring Boot application; does not return when it can't start.
    public static void run(Class<?> application, String[] args) {
        run(application, args, _ -> Map.of());
    }

    /// The same, with properties made of variables that are checked before anything starts. They
    /// stand behind those of `application.yaml`.
    public static void run(
            Class<?> application,
            String[] args,
            Function<Variables, Map<String, Object>> properties) {
        Variables variables = Variables.of(new StandardEnvironment());
        Map<String, String> env = variables.values();
        try {
            SpringApplication spring = new SpringApplication(application);
            String home = env.getOrDefault("ATOMIC_HOME", "");
            String name = env.getOrDefault("ATOMIC_NAME", "");
            if (!home.isEmpty() && !name.isEmpty()) {
                // Where the commands find a port that was picked at start.
                spring.addListeners(
                        new WebServerPortFileWriter(Path.of(home, "run", name + ".port").toFile()));
            }
            refuseWhatIsNotBuilt(env);
            Map<String, Object> defaults = new HashMap<>(logging(new Settings(env)));
            defaults.putAll(properties.apply(variables));
            spring.setDefaultProperties(defaults);
            spring.run(args);
        } catch (SpringApplication.AbandonedRunException e) {
            throw e; // the class archive's trial run, which isn't meant to go on
        } catch (RuntimeException e) {
            System.err.println(env.getOrDefault("ATOMIC_NAME", "atomic") + ": " + reason(e));
            System.exit(CANNOT_START);
        }
    }

    private static Map<String, Object> logging(Settings settings) {
        String level =
                settings.oneOf(
                        "ATOMIC_LOG_LEVEL", "INFO", "TRACE", "DEBUG", "INFO", "WARN", "ERROR");
        Map<String, Object> properties = new HashMap<>();
        properties.put("logging.level.dev.atomic", level);
        // A connection lost at a commit, with a stack trace: we say it in a line where it's caught.
        properties.put("logging.level.org.springframework.jdbc.support", "OFF");
        if (settings.oneOf("ATOMIC_LOG_FORMAT", "text", "text", "json").equals("json")) {
            properties.put("logging.structured.format.console", "logstash");
        }
        return properties;
    }

    /// A setting that does nothing yet must not look as if it did.
    private static void refuseWhatIsNotBuilt(Map<String, String> env) {
        for (String name : NOT_BUILT) {
            if (env.containsKey(name)) {
                throw new SettingException(name, "…", "it isn't built yet; leave it unset");
            }
        }
    }

    private static String reason(Throwable failure) {
        @Nullable String known = StartFailure.reason(failure);
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return known == null ? "can't start: " + root.getMessage() : known;
    }
}
