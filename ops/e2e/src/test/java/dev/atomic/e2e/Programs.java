package dev.atomic.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The commands that start the product's processes, from their jars as they were built.
///
/// Api and worker are started some sixty times. As `ops/atomic` has them, unpacked and with an
/// archive of their classes, that takes 5 s of a processor each time; from the jar alone it takes
/// 10 s. The first of the test's processes unpacks them, starts each once, and has the archive
/// written when it ends.
final class Programs {
    private static final List<String> ARCHIVED = List.of("api", "worker");

    private final Path root;
    private final Path folder;

    private Programs(Path root) {
        this.root = root;
        this.folder = root.resolve("ops/e2e/target/programs");
    }

    /// Ready to be started. Waits while another process makes them so.
    static Programs of(Path root) {
        Programs programs = new Programs(root);
        try {
            Files.createDirectories(programs.folder);
            try (FileChannel file =
                            FileChannel.open(
                                    programs.folder.resolve("lock"),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE);
                    FileLock held = file.lock()) {
                Path ready = programs.folder.resolve("ready");
                String built = programs.built();
                if (held.isValid()
                        && !(Files.exists(ready) && Files.readString(ready).equals(built))) {
                    programs.prepare();
                    Files.writeString(ready, built);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return programs;
    }

    /// @param name of a process: `db`, `api`, `api-2`, `worker-1`, …
    List<String> command(String name) {
        String module = module(name);
        Path archive = archive(module);
        return command(
                module,
                Files.exists(archive) ? List.of("-XX:SharedArchiveFile=" + archive) : List.of());
    }

    private List<String> command(String module, List<String> more) {
        List<String> command = new ArrayList<>();
        command.add(java());
        command.addAll(
                List.of(
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED"));
        command.addAll(more);
        Path jar = ARCHIVED.contains(module) ? folder.resolve(module) : built(module).getParent();
        command.addAll(List.of("-jar", jar.resolve("atomic-" + module + ".jar").toString()));
        return command;
    }

    private static String module(String name) {
        return name.startsWith("worker") ? "worker" : name.startsWith("api") ? "api" : "db";
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private Path archive(String module) {
        return folder.resolve(module + ".jsa");
    }

    private Path built(String module) {
        return root.resolve(
                (module.equals("db") ? "db/server" : module) + "/target/atomic-" + module + ".jar");
    }

    /// What changes with each build.
    private String built() throws IOException {
        StringBuilder times = new StringBuilder();
        for (String module : ARCHIVED) {
            times.append(Files.getLastModifiedTime(built(module))).append('\n');
        }
        return times.toString();
    }

    private void prepare() throws IOException {
        for (String module : ARCHIVED) {
            Files.deleteIfExists(archive(module));
            unpack(module);
        }
        Map<String, List<String>> archiving =
                Map.of(
                        "api",
                        command("api", List.of("-XX:ArchiveClassesAtExit=" + archive("api"))),
                        "worker-1",
                        command(
                                "worker",
                                List.of("-XX:ArchiveClassesAtExit=" + archive("worker"))));
        try (Stack once = Stack.prepare(null, Map.of(), this)) {
            for (Map.Entry<String, List<String>> each : archiving.entrySet()) {
                once.start(each.getKey(), each.getValue());
            }
            archiving.keySet().forEach(once::awaitReady);
            // Its end is when it is written, on a busy machine in more time than a stack waits.
            archiving.keySet().forEach(once::stop);
        }
    }

    private void unpack(String module) throws IOException {
        Process unpacking =
                new ProcessBuilder(
                                java(),
                                "-XX:TieredStopAtLevel=1",
                                "-Djarmode=tools",
                                "-jar",
                                built(module).toString(),
                                "extract",
                                "--force",
                                "--destination",
                                folder.resolve(module).toString())
                        .inheritIO()
                        .start();
        try {
            if (!unpacking.waitFor(120, TimeUnit.SECONDS) || unpacking.exitValue() != 0) {
                unpacking.destroyForcibly();
                throw new AssertionError(built(module) + " can't be unpacked");
            }
        } catch (InterruptedException e) {
            unpacking.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
