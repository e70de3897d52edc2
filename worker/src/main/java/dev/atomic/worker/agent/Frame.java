package dev.atomic.worker.agent;

import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.model.ModelProvider;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the agent sends, one line each. The answer has the request's id.
public sealed interface Frame {
    String id();

    /// A whole answer at once, as to `stream: false`; accepted for a stream too.
    record Response(
            String id,
            String content,
            @Nullable String model,
            @Nullable String provider,
            Tokens tokens)
            implements Frame {}

    /// @param reasoning whether the delta is what the model thinks, which is no part of its answer
    /// @param last ends the request; its delta counts too
    record StreamChunk(
            String id,
            String delta,
            boolean reasoning,
            boolean last,
            @Nullable String model,
            @Nullable String provider,
            Tokens tokens)
            implements Frame {}

    /// @param tokens what the answer had cost until then
    record Failed(
            String id,
            FailureCode code,
            String message,
            boolean retryable,
            @Nullable Long retryAfterMs,
            @Nullable String model,
            @Nullable String provider,
            Tokens tokens)
            implements Frame {}

    /// @param multiplex whether it serves many requests at once on a connection
    /// @param providers in the order in which they are asked; empty where the agent says nothing
    record Health(String id, String status, boolean multiplex, List<ModelProvider> providers)
            implements Frame {
        public boolean isHealthy() {
            return status.equals("healthy");
        }
    }

    /// @param input null where the provider didn't say
    record Tokens(
            @Nullable Long input,
            @Nullable Long output,
            @Nullable Double costUsd,
            boolean estimated) {}
}
