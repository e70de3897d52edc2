package dev.atomic.shared;

import dev.atomic.db.SettingException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/// Tells what an operator can fix, which [Launch] says in one line, from a bug, whose stack trace
/// Spring Boot is left to log.
@Order(Ordered.HIGHEST_PRECEDENCE)
public final class StartFailure implements SpringBootExceptionReporter {

    /// Made by Spring Boot, which looks for this constructor.
    public StartFailure(@Nullable ConfigurableApplicationContext context) {}

    @Override
    public boolean reportException(Throwable failure) {
        return reason(failure) != null;
    }

    /// One line; null for a bug.
    static @Nullable String reason(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case SettingException setting -> {
                    return setting.getMessage();
                }
                case BoundAddress.Elsewhere elsewhere -> {
                    return elsewhere.getMessage();
                }
                case PortInUseException port -> {
                    return "port "
                            + port.getPort()
                            + " is in use; stop what listens there or choose another";
                }
                case SQLException sql -> {
                    return "the database can't be used: "
                            + String.valueOf(sql.getMessage()).lines().findFirst().orElse("");
                }
                default -> {}
            }
        }
        return null;
    }
}
