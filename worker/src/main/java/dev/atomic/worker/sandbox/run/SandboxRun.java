package dev.atomic.worker.sandbox.run;

import dev.atomic.shared.file.FilePath;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.job.JobInput;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// What is to be run: files in a fresh `/workspace`, and how.
///
/// @param language as asked, e.g. `python`
/// @param files paths checked by [FilePath], unique
/// @param callers which of them the caller handed in to be the tests, by [FilePath#key]
/// @param run kind, command, args, stdin, limits, what to collect
public record SandboxRun(
        UUID jobId,
        String language,
        List<SourceFile> files,
        Set<String> callers,
        JobInput.Run run) {
    /// Wall time of the whole run, at least 1 ms.
    public long wallMs() {
        return Math.max(1, Math.round(run.limits().timeoutSeconds() * 1000));
    }

    /// Whether there is no file but the caller's, so that program and tests are told apart by their
    /// names alone.
    public boolean isAllCallers() {
        return files.stream().allMatch(file -> isCallers(file.path()));
    }

    /// Whether the caller handed this file in to be a test.
    public boolean isCallers(String path) {
        return callers.contains(FilePath.key(path));
    }
}
