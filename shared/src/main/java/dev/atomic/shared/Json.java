package dev.atomic.shared;

import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;

/// The one way JSON is written and read: `snake_case`, dates as RFC 3339 text, unknown fields and
/// scalar coercion refused (Jackson 3 allows both by default; the wire contract wants neither).
/// Numbers without a type of their own keep every digit: a client's metadata comes back as it was
/// sent.
///
/// Thread-safe.
public final class Json {
    /// Strict: what comes from a client.
    public static final JsonMapper STRICT = builder().build();

    /// Lenient about unknown fields only: what an older or newer version of ours stored.
    public static final JsonMapper STORED =
            builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private Json() {}

    private static JsonMapper.Builder builder() {
        JsonMapper.Builder builder =
                JsonMapper.builder()
                        .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT);
        for (LogicalType type :
                new LogicalType[] {LogicalType.Textual, LogicalType.Integer, LogicalType.Boolean}) {
            for (CoercionInputShape shape :
                    new CoercionInputShape[] {
                        CoercionInputShape.Integer,
                        CoercionInputShape.Float,
                        CoercionInputShape.Boolean,
                        CoercionInputShape.String,
                        CoercionInputShape.EmptyString
                    }) {
                builder.withCoercionConfig(
                        type, config -> config.setCoercion(shape, CoercionAction.Fail));
            }
        }
        return builder;
    }

    /// The JSON text of a value of ours.
    public static String write(Object value) {
        return STORED.writeValueAsString(value);
    }

    /// Reads back what [#write(Object)] wrote.
    public static <T> T read(String json, Class<T> type) {
        return STORED.readValue(json, type);
    }
}
