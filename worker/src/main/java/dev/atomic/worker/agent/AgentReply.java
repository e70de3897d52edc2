package dev.atomic.worker.agent;

import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.job.FailureCode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How a request to the agent ended. A closed choice.
public sealed interface AgentReply {
    record Completed(String text, @Nullable String model, @Nullable String provider, Usage usage)
            implements AgentReply {}

    /// @param retryAfter the provider's own delay
    /// @param spent what the answer had cost until then; null where the agent didn't say
    record Failed(
            FailureCode code,
            String message,
            boolean retryable,
            @Nullable Duration retryAfter,
            @Nullable Spent spent)
            implements AgentReply {}

    /// What a broken-off answer cost, and which provider was paid.
    record Spent(@Nullable String model, @Nullable String provider, Usage usage) {}

    /// It was told to stop, and the agent with it.
    ///
    /// @param spent what the answer had cost until then; null where the agent didn't say
    record Stopped(@Nullable Spent spent) implements AgentReply {}
}
