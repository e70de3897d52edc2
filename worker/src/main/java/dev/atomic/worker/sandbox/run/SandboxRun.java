package dev.atomic.worker.sandbox.run;

import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.job.JobInput;
import java.util.List;
import java.util.UUID;

/// What is to be run: files in a fresh `/workspace`, and how.
///
/// @param language as asked, e.g. `python`
/// @param files paths checked by [dev.atomic.shared.file.FilePath], unique
/// @param run kind, command, args, stdin, limits, what to collect
public record SandboxRun(UUID jobId, String language, List<SourceFile> files, JobInput.Run run) {
    /// Wall time of the whole run, at least 1 ms.
    public long wallMs() {
        return Math.max(1, Math.round(run.limits().timeoutSeconds() * 1000));
    }
}
