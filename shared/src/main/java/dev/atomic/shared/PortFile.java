package dev.atomic.shared;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.ApplicationListener;

/// Writes the port that was picked at start to `run/NAME.port`, where the commands find it; it goes
/// with the process. Spring Boot's own writer would put it wherever the variable `PORTFILE` says.
final class PortFile implements ApplicationListener<WebServerInitializedEvent> {
    private final Path file;

    private PortFile(Path file) {
        this.file = file;
    }

    /// @return empty for a process without a home or a name
    static Optional<PortFile> of(Variables variables) {
        String home = variables.text("ATOMIC_HOME", "");
        String name = variables.text("ATOMIC_NAME", "");
        return home.isEmpty() || name.isEmpty()
                ? Optional.empty()
                : Optional.of(new PortFile(Path.of(home, "run", name + ".port")));
    }

    @Override
    public void onApplicationEvent(WebServerInitializedEvent event) {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            Files.createDirectories(part.getParent());
            Files.writeString(part, Integer.toString(event.getWebServer().getPort()));
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        file.toFile().deleteOnExit();
    }
}
