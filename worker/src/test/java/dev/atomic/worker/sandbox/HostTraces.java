package dev.atomic.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/// What ended containers may have left on this host: processes, control groups, mounts, folders.
/// Other containers may run meanwhile; a trace is of one that left when the engine's own folder of
/// it has gone.
final class HostTraces {
    private static final Path CONTAINERS = Path.of("/var/lib/docker/containers");
    private static final Pattern ID = Pattern.compile("docker/(?:containers/)?([0-9a-f]{64})");

    /// Does nothing where the engine's folders can't be seen: it runs elsewhere, or we aren't root.
    ///
    /// @throws org.awaitility.core.ConditionTimeoutException when something stays
    void awaitNone() {
        if (Files.isReadable(CONTAINERS)) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(orphans()).isEmpty());
        }
    }

    private static Set<String> orphans() {
        Set<String> orphans = new HashSet<>();
        children(Path.of("/proc"))
                .filter(path -> path.getFileName().toString().matches("[0-9]+"))
                .forEach(process -> collect(read(process.resolve("cgroup")), orphans));
        collect(read(Path.of("/proc/self/mountinfo")), orphans);
        children(Path.of("/sys/fs/cgroup"))
                .flatMap(controller -> children(controller.resolve("docker")))
                .forEach(group -> collect(group.toString(), orphans));
        orphans.removeIf(id -> Files.exists(CONTAINERS.resolve(id)));
        return orphans;
    }

    private static void collect(String text, Set<String> ids) {
        Matcher found = ID.matcher(text);
        while (found.find()) {
            ids.add(found.group(1));
        }
    }

    /// Empty when it is gone: processes and control groups come and go.
    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }

    private static Stream<Path> children(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Stream.empty();
        }
        try (Stream<Path> list = Files.list(folder)) {
            return list.toList().stream();
        } catch (IOException | UncheckedIOException e) {
            return Stream.empty();
        }
    }
}
