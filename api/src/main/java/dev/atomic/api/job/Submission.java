package dev.atomic.api.job;

import dev.atomic.shared.job.JobInput;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.job.Priority;
import dev.atomic.shared.job.SourceFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A body that was found valid: all that makes a job of it.
///
/// @param files what the job starts from
/// @param verifyFiles the caller's own tests, which replace the model's of the same path
record Submission(
        Kind kind,
        Priority priority,
        JobInput input,
        int maxAttempts,
        List<SourceFile> files,
        List<SourceFile> verifyFiles) {

    /// Who submits it, and as what.
    ///
    /// @param bodySha256 of what the body means, to tell a repeat from another body under its key
    record Request(
            String tenant,
            Submission submission,
            @Nullable String idempotencyKey,
            String bodySha256) {

        /// Bytes of files, which bound how many requests go together.
        long weight() {
            long weight = 0;
            for (SourceFile file : submission.files()) {
                weight += file.content().length;
            }
            for (SourceFile file : submission.verifyFiles()) {
                weight += file.content().length;
            }
            return weight;
        }
    }
}
