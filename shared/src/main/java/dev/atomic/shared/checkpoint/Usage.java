package dev.atomic.shared.checkpoint;

import org.jspecify.annotations.Nullable;

/// What a model was paid in tokens and money.
///
/// @param costUsd US dollars; null where the price of any of it isn't known
/// @param estimated whether any of it was counted by us because a provider didn't say
public record Usage(
        long inputTokens, long outputTokens, @Nullable Double costUsd, boolean estimated) {
    public static final Usage NONE = new Usage(0, 0, 0.0, false);

    public Usage plus(Usage other) {
        return new Usage(
                inputTokens + other.inputTokens,
                outputTokens + other.outputTokens,
                costUsd == null || other.costUsd == null ? null : costUsd + other.costUsd,
                estimated || other.estimated);
    }
}
