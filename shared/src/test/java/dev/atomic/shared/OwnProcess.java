package dev.atomic.shared;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A process of ours as it is run, in a JVM of its own, with a home, a working directory and an
/// environment that are the test's alone.
public final class OwnProcess implements AutoCloseable {
    private static final String NAME = "test";

    private final Path folder;
    private final Process process;

    private OwnProcess(Path folder, Process process) {
        this.folder = folder;
        this.process = process;
    }

    /// @param environment all it gets, besides where its home is
    /// @param files in its working directory, content by path
    public static OwnProcess start(
            Class<?> main,
            Map<String, String> environment,
            Map<String, String> files,
            String... arguments)
            throws IOException {
        Path folder = Files.createTempDirectory("atomic-process");
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path path = folder.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue());
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-Xmx256m");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("log").toFile());
        builder.environment().clear();
        builder.environment().putAll(Map.of("ATOMIC_HOME", folder.toString(), "ATOMIC_NAME", NAME));
        builder.environment().putAll(environment);
        return new OwnProcess(folder, builder.start());
    }

    /// Waits until it says where it listens, or has ended.
    public int port() throws IOException {
        Path file = folder.resolve("run").resolve(NAME + ".port");
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> Files.exists(file) || !process.isAlive());
        if (!Files.exists(file)) {
            throw new IllegalStateException("it ended: " + log());
        }
        return Integer.parseInt(Files.readString(file));
    }

    /// Waits until it has ended by itself.
    public int exitCode() throws InterruptedException {
        return process.waitFor();
    }

    /// Waits until it listens.
    public Set<InetSocketAddress> listening() throws IOException {
        port();
        return ListeningSockets.of(process.pid()).orElseThrow();
    }

    public String log() throws IOException {
        return Files.readString(folder.resolve("log"));
    }

    /// What it answers, head and all, to a `GET` spoken by hand: Java's own client sets `Host`.
    ///
    /// @param headers lines that end in CR LF
    public String get(String path, String host, String headers) throws IOException {
        try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), port())) {
            socket.setSoTimeout(30_000);
            String request =
                    "GET %s HTTP/1.1\r\nHost: %s\r\n%sConnection: close\r\n\r\n"
                            .formatted(path, host, headers);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
