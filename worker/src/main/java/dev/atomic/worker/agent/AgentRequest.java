package dev.atomic.worker.agent;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a model is asked.
///
/// @param requestType `GENERATE_SPEC`, `GENERATE_CODE` or `GENERATE_DOCS`
/// @param prompt rendered complete, so that any agent can serve it
/// @param metadata the parts the prompt was made of
public record AgentRequest(
        String requestType,
        String prompt,
        Map<String, Object> metadata,
        @Nullable String model,
        @Nullable Integer maxTokens,
        @Nullable Double temperature) {}
