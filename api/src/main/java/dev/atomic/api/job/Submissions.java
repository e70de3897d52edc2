package dev.atomic.api.job;

import dev.atomic.shared.job.Kind;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// From a request body to an admitted job: validate, idempotency, limits, insert. The one way in
/// for REST and WebSocket.
public interface Submissions {
    /// @param replayed whether the job is that of an earlier request with the same key
    record Submitted(UUID jobId, boolean replayed) {}

    /// Returns once the job is committed.
    ///
    /// @throws dev.atomic.api.problem.ProblemException when it is refused
    Submitted submit(String tenant, Kind kind, JsonNode body, @Nullable String idempotencyKey);
}
