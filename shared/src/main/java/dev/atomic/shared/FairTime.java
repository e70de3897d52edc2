package dev.atomic.shared;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// How much time has passed for a process that may have been kept from running: the clock's time,
/// divided by how many times longer its threads took than they would have with a processor each.
///
/// On a busy machine a wait says nothing about whoever is waited for: the question may not have
/// been sent, and the answer not have been read, for lack of a processor. Five seconds in which
/// each thread waited four times as long as it ran are one second here.
///
/// Linux tells how long a thread ran and how long it waited for a processor (`schedstat` in
/// proc(5)). Where nothing tells, it is the clock's time.
///
/// Not thread-safe.
public final class FairTime {
    private static final Path THREADS = Path.of("/proc/self/task");

    private final long began = System.nanoTime();
    private final Map<String, Use> before = uses();

    private FairTime() {}

    /// What a thread has had since it began, in nanoseconds.
    private record Use(long ran, long waited) {}

    /// Begins now.
    public static FairTime start() {
        return new FairTime();
    }

    /// Since the start. Reads a small file a thread: some milliseconds on a busy machine.
    public Duration elapsed() {
        long ran = 0;
        long waited = 0;
        for (Map.Entry<String, Use> thread : uses().entrySet()) {
            Use then = before.getOrDefault(thread.getKey(), new Use(0, 0));
            ran += thread.getValue().ran - then.ran;
            waited += thread.getValue().waited - then.waited;
        }
        long passed = System.nanoTime() - began;
        return Duration.ofNanos(fair(passed, ran, waited));
    }

    static long fair(long passed, long ran, long waited) {
        // A thread that ended and left its number to another one.
        if (ran <= 0 || waited <= 0) {
            return passed;
        }
        return Math.round(passed * ((double) ran / (ran + waited)));
    }

    private static Map<String, Use> uses() {
        Map<String, Use> found = new HashMap<>();
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
            for (Path thread : threads) {
                try {
                    found.put(
                            thread.getFileName().toString(),
                            use(Files.readString(thread.resolve("schedstat"))));
                } catch (IOException ended) {
                    // The thread has ended meanwhile.
                }
            }
        } catch (IOException | RuntimeException notTold) {
            return Map.of();
        }
        return found;
    }

    /// @param told "ran waited turns", in nanoseconds
    private static Use use(String told) {
        int first = told.indexOf(' ');
        int second = told.indexOf(' ', first + 1);
        return new Use(
                Long.parseLong(told, 0, first, 10), Long.parseLong(told, first + 1, second, 10));
    }
}
