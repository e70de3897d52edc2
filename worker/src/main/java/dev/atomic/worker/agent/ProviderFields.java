package dev.atomic.worker.agent;

import dev.atomic.shared.model.ModelProvider;
import dev.atomic.shared.model.ModelProvider.Model;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What a health response says of providers and models. It is stored and shown, so it is bounded:
/// of more than [#MAX_PROVIDERS] providers, [#MAX_MODELS] models each or [#MAX_CHARS] characters of
/// a name the rest is left out.
final class ProviderFields {
    private static final int MAX_PROVIDERS = 32;
    private static final int MAX_MODELS = 200;
    private static final int MAX_CHARS = 256;

    private ProviderFields() {}

    /// @param providers anything; what isn't as it should be counts as absent
    static List<ModelProvider> read(JsonNode providers) {
        return elements(providers, MAX_PROVIDERS)
                .filter(JsonNode::isObject)
                .map(ProviderFields::provider)
                .filter(each -> !each.name().isEmpty())
                .toList();
    }

    private static ModelProvider provider(JsonNode fields) {
        Map<String, JsonNode> details = new HashMap<>();
        elements(fields.path("model_details"), MAX_MODELS)
                .forEach(each -> details.put(name(each, "id"), each));
        List<Model> models =
                elements(fields.path("models"), MAX_MODELS)
                        .filter(JsonNode::isString)
                        .map(JsonNode::stringValue)
                        .filter(id -> !id.isEmpty() && id.length() <= MAX_CHARS)
                        .distinct()
                        .map(id -> model(id, details.get(id)))
                        .toList();
        return new ModelProvider(
                name(fields, "name"),
                name(fields, "state"),
                FrameCodec.nullable(fields, "cause"),
                FrameCodec.count(fields, "retry_after_ms"),
                models);
    }

    private static Model model(String id, @Nullable JsonNode known) {
        if (known == null) {
            return new Model(id, List.of(), null, null, null, null, null, null);
        }
        return new Model(
                id,
                elements(known.path("default_for"), 3)
                        .filter(JsonNode::isString)
                        .map(JsonNode::stringValue)
                        .filter(type -> type.length() <= MAX_CHARS)
                        .toList(),
                price(known, "input_usd_per_million"),
                price(known, "cached_input_usd_per_million"),
                price(known, "output_usd_per_million"),
                FrameCodec.nullable(known, "prices_as_of"),
                FrameCodec.count(known, "context_tokens"),
                FrameCodec.count(known, "max_output_tokens"));
    }

    private static Stream<JsonNode> elements(JsonNode array, int most) {
        return array.isArray() ? array.valueStream().limit(most) : Stream.empty();
    }

    private static @Nullable Double price(JsonNode fields, String name) {
        JsonNode value = fields.path(name);
        boolean known = value.isNumber() && value.doubleValue() >= 0 && value.doubleValue() < 1e9;
        return known ? value.doubleValue() : null;
    }

    private static String name(JsonNode fields, String name) {
        String text = FrameCodec.text(fields, name, "");
        return text.length() <= MAX_CHARS ? text : "";
    }
}
