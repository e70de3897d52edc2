package dev.atomic.worker.agent;

import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.Usage;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How a request to the agent ended. A closed choice.
public sealed interface AgentReply {
    record Completed(String text, @Nullable String model, @Nullable String provider, Usage usage)
            implements AgentReply {}

    /// @param retryAfter the provider's own delay
    record Failed(
            FailureCode code, String message, boolean retryable, @Nullable Duration retryAfter)
            implements AgentReply {}

    /// It was told to stop, and the agent with it.
    record Stopped() implements AgentReply {}
}
