package dev.atomic.shared.file;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/// Which of a job's files is run, and shown as its `content`: `main.*`, the one nearest the top;
/// else the only one; else the longest that is neither a test nor prose.
public final class EntryFile {
    private EntryFile() {}

    /// @param files in any order; the same files give the same answer
    public static <F> Optional<F> among(
            List<F> files, Function<F, String> path, ToLongFunction<F> size) {
        Comparator<F> byPath = Comparator.comparing(path);
        Comparator<F> highest = Comparator.comparingLong(file -> depth(path.apply(file)));
        Optional<F> main =
                files.stream()
                        .filter(file -> name(path.apply(file)).startsWith("main."))
                        .min(highest.thenComparing(byPath));
        if (main.isPresent()) {
            return main;
        }
        Comparator<F> programsFirst = Comparator.comparing(file -> isAside(path.apply(file)));
        return files.stream()
                .min(
                        programsFirst
                                .thenComparing(Comparator.comparingLong(size).reversed())
                                .thenComparing(byPath));
    }

    /// Whether a file is a test, as the sandbox tells them, or prose.
    private static boolean isAside(String path) {
        String name = name(path);
        return name.matches("test_.*\\.py|.*_test\\.py|.*\\.test\\.[mc]?js|.*\\.(md|txt)");
    }

    private static long depth(String path) {
        return path.chars().filter(c -> c == '/').count();
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
