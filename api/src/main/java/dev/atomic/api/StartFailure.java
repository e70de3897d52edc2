package dev.atomic.api;

import dev.atomic.db.SettingException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/// Says in one line why the api can't start, where an operator can mend it; anything else keeps its
/// stack trace, because it is a bug.
@Order(Ordered.HIGHEST_PRECEDENCE)
public final class StartFailure implements SpringBootExceptionReporter {

    /// Made by Spring Boot, which looks for this constructor.
    public StartFailure(@Nullable ConfigurableApplicationContext context) {}

    @Override
    public boolean reportException(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String line = line(cause);
            if (line != null) {
                System.err.println("api: " + line);
                return true;
            }
        }
        return false;
    }

    private static @Nullable String line(Throwable cause) {
        return switch (cause) {
            case SettingException setting -> setting.getMessage();
            case PortInUseException port ->
                    "port "
                            + port.getPort()
                            + " is in use: stop what listens there or set ATOMIC_HTTP_PORT";
            case SQLException sql ->
                    "the database can't be used: "
                            + String.valueOf(sql.getMessage()).lines().findFirst().orElse("");
            default -> null;
        };
    }
}
