package dev.atomic.shared;

import dev.atomic.db.SettingException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.boot.web.server.context.WebServerPortFileWriter;

/// Starts a process of ours: what an operator did wrong ends it with one line and exit code 3, not
/// with a stack trace.
public final class Launch {
    /// The exit code of a process that can't start.
    public static final int CANNOT_START = 3;

    private Launch() {}

    /// Runs a Spring Boot application; does not return when it can't start.
    public static void run(Class<?> application, String[] args) {
        Map<String, String> env = System.getenv();
        SpringApplication spring = new SpringApplication(application);
        String home = env.getOrDefault("ATOMIC_HOME", "");
        String name = env.getOrDefault("ATOMIC_NAME", "");
        if (!home.isEmpty() && !name.isEmpty()) {
            // Where the commands find a port that was picked at start.
            spring.addListeners(
                    new WebServerPortFileWriter(Path.of(home, "run", name + ".port").toFile()));
        }
        if (env.getOrDefault("ATOMIC_LOG_FORMAT", "text").toLowerCase(Locale.ROOT).equals("json")) {
            System.setProperty("logging.structured.format.console", "logstash");
        }
        try {
            spring.run(args);
        } catch (RuntimeException e) {
            System.err.println(env.getOrDefault("ATOMIC_NAME", "atomic") + ": " + reason(e));
            System.exit(CANNOT_START);
        }
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (true) {
            if (cause instanceof SettingException) {
                return String.valueOf(cause.getMessage());
            }
            if (cause instanceof PortInUseException port) {
                return "port "
                        + port.getPort()
                        + " is in use; stop what listens there or choose another";
            }
            Throwable next = cause.getCause();
            if (next == null) {
                return "can't start: " + cause.getMessage();
            }
            cause = next;
        }
    }
}
