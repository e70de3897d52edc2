package dev.atomic.shared.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A provider of models, as an agent reports it.
///
/// @param state `ready`, `cooling_down` or `probing`
/// @param cause why it is put aside; null when it isn't
/// @param retryAfterMs until it is tried again; null when it isn't put aside
public record ModelProvider(
        String name,
        String state,
        @Nullable String cause,
        @Nullable Long retryAfterMs,
        List<Model> models) {
    /// A model, with what is known of it.
    ///
    /// @param defaultFor the types of request that go to it first when they name no model
    /// @param inputUsdPerMillion US dollars for a million tokens
    /// @param pricesAsOf the day the prices were true
    /// @param contextTokens most tokens of prompt and answer together
    public record Model(
            String id,
            List<String> defaultFor,
            @Nullable Double inputUsdPerMillion,
            @Nullable Double cachedInputUsdPerMillion,
            @Nullable Double outputUsdPerMillion,
            @Nullable String pricesAsOf,
            @Nullable Long contextTokens,
            @Nullable Long maxOutputTokens) {}

    /// Whether a request that names `model` may be served here: it is `MODEL` or `PROVIDER/MODEL`.
    public boolean serves(String model) {
        return models.stream()
                .anyMatch(each -> model.equals(each.id()) || model.equals(name + "/" + each.id()));
    }
}
