package dev.atomic.shared.verify;

import dev.atomic.shared.file.SourceFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One run of the program, in a process and a workspace of its own, and what it has to give.
///
/// @param name the caller's, or else its number
/// @param args appended to those of the run
/// @param stdin instead of the run's
/// @param files added to the program's for this case alone
/// @param exitCode what it has to end with
/// @param stdout null: anything
/// @param stderr null: anything
/// @param tolerance of numbers, relative or absolute; with [Match#TOKENS] only
/// @param timeoutSeconds null: the run's
/// @param hidden whether the model is told only that it failed
public record Case(
        String name,
        List<String> args,
        String stdin,
        List<SourceFile> files,
        int exitCode,
        @Nullable String stdout,
        @Nullable String stderr,
        Match match,
        double tolerance,
        @Nullable Double timeoutSeconds,
        boolean hidden) {
    public static final double TOLERANCE = 1e-9;
}
