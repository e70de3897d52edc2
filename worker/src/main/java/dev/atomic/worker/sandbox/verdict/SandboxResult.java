package dev.atomic.worker.sandbox.verdict;

import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.verify.Verification;
import java.util.List;

/// How a run ended. A closed choice: a verdict, or why there is none.
public sealed interface SandboxResult {
    /// @param collected the files asked for with `collect`
    /// @param refused the first names of what was not taken out, and why; stderr ends with them
    record Verdict(Verification verification, List<SourceFile> collected, List<String> refused)
            implements SandboxResult {
        /// The same run with another verdict.
        public Verdict with(Verification other) {
            return new Verdict(other, collected, refused);
        }
    }

    /// The engine can't be reached or failed; the same run may go well later.
    record Unavailable(String message) implements SandboxResult {}

    /// There is no runtime for the language in the image.
    record Unsupported(String language) implements SandboxResult {}

    /// The run was cancelled and its container killed.
    record Cancelled() implements SandboxResult {}
}
