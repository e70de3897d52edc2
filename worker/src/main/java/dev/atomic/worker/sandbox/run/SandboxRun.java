package dev.atomic.worker.sandbox.run;

import dev.atomic.shared.job.JobInput;
import dev.atomic.shared.job.SourceFile;
import java.util.List;
import java.util.UUID;

/// What is to be run: files in a fresh `/workspace`, and how.
///
/// @param language as asked, e.g. `python`
/// @param files paths checked by [dev.atomic.shared.job.FilePath], unique
/// @param run kind, command, args, stdin, limits, what to collect
public record SandboxRun(UUID jobId, String language, List<SourceFile> files, JobInput.Run run) {}
