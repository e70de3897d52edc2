package dev.atomic.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/// Scripts with packages from npm, run by Node. Their versions are pinned.
public final class NodeClients {
    /// Clients that others wrote.
    public static final Path CLIENTS = Path.of("src", "test", "node");

    /// The conformance tests of MCP.
    public static final Path CONFORMANCE = Path.of("src", "test", "conformance");

    /// What holds the api to its OpenAPI document.
    public static final Path OPENAPI = Path.of("src", "test", "openapi");

    private NodeClients() {}

    /// Runs a script with its folder's packages, and fails with what it printed if it does.
    ///
    /// @return what it printed
    public static String run(Path directory, Path folder, String script, String... arguments)
            throws IOException, InterruptedException {
        install(directory, folder);
        List<String> command = new ArrayList<>(List.of("node", script));
        command.addAll(List.of(arguments));
        Ended ended = start(directory, 540, command.toArray(String[]::new));
        assertThat(ended.code()).as(ended.printed()).isZero();
        return ended.printed();
    }

    private static void install(Path directory, Path folder)
            throws IOException, InterruptedException {
        try (var files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, directory.resolve(file.getFileName()));
            }
        }
        Ended ended;
        try {
            ended =
                    start(
                            directory,
                            180,
                            "npm",
                            "ci",
                            "--ignore-scripts",
                            "--no-audit",
                            "--no-fund");
        } catch (IOException e) {
            ended = new Ended(127, "npm isn't there: " + e.getMessage());
        }
        // Where everything should be, nothing is left out.
        if (ended.code() != 0 && "true".equals(System.getenv("CI"))) {
            throw new AssertionError(ended.printed());
        }
        Assumptions.assumeTrue(ended.code() == 0, ended.printed());
    }

    private record Ended(int code, String printed) {}

    private static Ended start(Path directory, int seconds, String... command)
            throws IOException, InterruptedException {
        Path printed = Files.createTempFile(directory, "printed", ".txt");
        Process process =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(printed.toFile())
                        .start();
        process.getOutputStream().close();
        boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly().waitFor();
        }
        return new Ended(ended ? process.exitValue() : -1, Files.readString(printed));
    }
}
