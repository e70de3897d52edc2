package dev.atomic.shared;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;

/// Starts a process of ours. A mistake of the operator's ends it with one line and exit code 3, not
/// with a stack trace.
public final class Launch {
    /// The exit code of a process that can't start.
    public static final int CANNOT_START = 3;

    private Launch() {}

    /// Runs a Spring Boot application; does not return when it can't start.
    ///
    /// @param web where it listens, made of variables that are checked before anything starts
    public static void run(
            Class<?> application, String[] args, Function<Variables, WebAddress> web) {
        Variables variables = new Variables(System.getenv());
        try {
            if (args.length > 0) {
                throw new IllegalArgumentException(
                        args[0] + ": arguments aren't supported; use ATOMIC_… variables");
            }
            int cores = Runtime.getRuntime().availableProcessors();
            // Read by the JDK when the first virtual thread starts, which is later than this.
            System.setProperty(
                    "jdk.virtualThreadScheduler.parallelism",
                    Integer.toString(variables.integer("ATOMIC_THREADS", cores, 1, 1024)));
            application(application, variables, web.apply(variables), Map.of()).run();
        } catch (SpringApplication.AbandonedRunException e) {
            throw e; // the class archive's trial run, which isn't meant to go on
        } catch (RuntimeException e) {
            String name = variables.text("ATOMIC_NAME", "atomic");
            System.err.println(name + ": " + reason(e));
            System.exit(CANNOT_START);
        }
    }

    /// The application as it is run, set up with nothing but this and its `application.yaml`. The
    /// environment, system properties, the command line and other files, where Spring Boot would
    /// look as well, are left out.
    ///
    /// @param properties of Spring, which go before all others; only tests have any
    public static SpringApplication application(
            Class<?> application, Variables variables, WebAddress web, Map<String, ?> properties) {
        Map<String, Object> all = new HashMap<>(logging(variables));
        all.put("spring.config.location", "classpath:/application.yaml");
        all.put("server.address", web.host());
        all.put("server.port", web.port());
        web.tls().ifPresent(tls -> all.putAll(tls.properties()));
        all.putAll(properties);
        SpringApplication spring = new SpringApplication(application);
        spring.setEnvironment(new ClosedEnvironment(all));
        spring.addInitializers(
                context -> context.getBeanFactory().registerSingleton("variables", variables));
        spring.addListeners(new BoundAddress(web));
        PortFile.of(variables).ifPresent(spring::addListeners);
        return spring;
    }

    private static Map<String, Object> logging(Variables variables) {
        String level =
                variables.oneOf(
                        "ATOMIC_LOG_LEVEL", "INFO", "TRACE", "DEBUG", "INFO", "WARN", "ERROR");
        boolean json = variables.oneOf("ATOMIC_LOG_FORMAT", "text", "text", "json").equals("json");
        Map<String, Object> properties = new HashMap<>();
        properties.put("logging.level.dev.atomic", level);
        // It logs a stack trace for a connection lost at a commit; we say that in a line where it's
        // caught.
        properties.put("logging.level.org.springframework.jdbc.support", "OFF");
        // Both are set even to their defaults: what isn't set, Logback itself looks for in the
        // environment (CONSOLE_LOG_…).
        properties.put("logging.structured.format.console", json ? "logstash" : "");
        properties.put("logging.threshold.console", "TRACE");
        return properties;
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
