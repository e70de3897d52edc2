package dev.atomic.shared.job;

/// What a model was paid in tokens and money, voided rounds included.
///
/// @param costUsd US dollars, 0 where no price is known
/// @param estimated whether any of it was counted by us because a provider didn't say
public record Usage(long inputTokens, long outputTokens, double costUsd, boolean estimated) {
    public static final Usage NONE = new Usage(0, 0, 0, false);

    public Usage plus(Usage other) {
        return new Usage(
                inputTokens + other.inputTokens,
                outputTokens + other.outputTokens,
                costUsd + other.costUsd,
                estimated || other.estimated);
    }
}
