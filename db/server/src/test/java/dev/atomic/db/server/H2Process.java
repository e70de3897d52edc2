package dev.atomic.db.server;

import static org.awaitility.Awaitility.await;

import dev.atomic.db.DatabaseSettings;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// The db process as it is run, in a JVM of its own.
final class H2Process implements AutoCloseable {
    private final Map<String, String> env;
    private final Path errors;
    private final Process process;

    private H2Process(Map<String, String> env, Path errors, Process process) {
        this.env = env;
        this.errors = errors;
        this.process = process;
    }

    static H2Process launch(Path home, int port) throws IOException {
        return launch(home, port, H2Server.class);
    }

    /// With classes that come before ours and our libraries'.
    static H2Process launchWith(Path classes, Path home, int port) throws IOException {
        return launch(home, port, classes + File.pathSeparator + classPath(), H2Server.class);
    }

    static H2Process launch(Path home, int port, Class<?> main, String... arguments)
            throws IOException {
        return launch(home, port, classPath(), main, arguments);
    }

    private static H2Process launch(
            Path home, int port, String classPath, Class<?> main, String... arguments)
            throws IOException {
        Map<String, String> env =
                Map.of("ATOMIC_HOME", home.toString(), "ATOMIC_H2_PORT", Integer.toString(port));
        Path errors = Files.createTempFile("atomic-db", ".err");
        ProcessBuilder builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-cp",
                        classPath,
                        main.getName());
        builder.command().addAll(List.of(arguments));
        builder.environment().putAll(env);
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(errors.toFile());
        return new H2Process(env, errors, builder.start());
    }

    private static String classPath() {
        return System.getProperty(
                "surefire.test.class.path", System.getProperty("java.class.path"));
    }

    /// Waits until it lets somebody in.
    H2Process awaitReady() {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptions()
                .until(() -> {
                    connect().close();
                    return true;
                });
        return this;
    }

    Connection connect() throws SQLException {
        DatabaseSettings settings = DatabaseSettings.from(env);
        return DriverManager.getConnection(settings.url(), settings.user(), settings.password());
    }

    void kill() {
        process.destroyForcibly().onExit().join();
    }

    int awaitExit() throws InterruptedException {
        return process.waitFor();
    }

    void terminate() {
        process.destroy();
    }

    List<String> errors() throws IOException {
        return Files.readAllLines(errors);
    }

    @Override
    public void close() {
        kill();
    }
}
