package dev.atomic.api.submission;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The job a request made, or had made before.
///
/// @param replayed whether the job is that of an earlier request with the same key
/// @param asAdmitted how the job stood when it was committed; null when it has to be read
public record Submitted(UUID jobId, boolean replayed, @Nullable Admitted asAdmitted) {
    /// The same without what it was made of, which may be large: to hold for long.
    public Submitted withoutJob() {
        return new Submitted(jobId, replayed, null);
    }
}
