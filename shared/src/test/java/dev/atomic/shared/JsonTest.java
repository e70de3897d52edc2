package dev.atomic.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;

class JsonTest {
    private record Body(
            @Nullable String prompt,
            @Nullable Integer maxTokens,
            @Nullable Double temperature,
            @Nullable Boolean stream,
            @Nullable List<String> names) {}

    @Test
    void fieldsAreInSnakeCase() {
        assertThat(Json.STRICT.readValue("{\"max_tokens\":5}", Body.class).maxTokens())
                .isEqualTo(5);
        assertThat(Json.write(new Body("p", 1, null, null, null))).contains("\"max_tokens\":1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"prompt\":5}",
                "{\"prompt\":true}",
                "{\"prompt\":1.5}",
                "{\"prompt\":[\"a\"]}",
                "{\"prompt\":{}}",
                "{\"max_tokens\":\"5\"}",
                "{\"max_tokens\":5.5}",
                "{\"max_tokens\":5.0}",
                "{\"max_tokens\":true}",
                "{\"max_tokens\":\"\"}",
                "{\"max_tokens\":99999999999}",
                "{\"stream\":\"true\"}",
                "{\"stream\":1}",
                "{\"stream\":\"\"}",
                "{\"temperature\":\"0.5\"}",
                "{\"temperature\":true}",
                "{\"temperature\":\"\"}",
                "{\"temperature\":NaN}",
                "{\"names\":\"a\"}",
                "{\"names\":[1]}",
                "{\"unknown\":1}",
                "{\"maxTokens\":5}",
                "{\"prompt\":\"a\",\"prompt\":\"b\"}",
                "{\"prompt\":\"a\"} x",
                "{\"prompt\":\"a\"}{}",
                "{'prompt':'a'}",
                "{\"prompt\":\"a\",}",
                "{\"prompt\":\"a\nb\"}",
                "{} // comment",
                "[]",
                ""
            })
    void whatIsNotMeantIsRefused(String json) {
        assertThatThrownBy(() -> Json.STRICT.readValue(json, Body.class))
                .isInstanceOf(JacksonException.class);
    }

    @Test
    void wholeNumbersAreNumbersToo() {
        assertThat(Json.STRICT.readValue("{\"temperature\":1}", Body.class).temperature())
                .isEqualTo(1.0);
    }

    @Test
    void whatIsStoredMayHaveFieldsOfANewerVersion() {
        assertThat(Json.read("{\"prompt\":\"a\",\"newer\":1}", Body.class).prompt()).isEqualTo("a");
        assertThatThrownBy(() -> Json.read("{\"prompt\":1}", Body.class))
                .isInstanceOf(JacksonException.class);
    }

    @Test
    void numbersWithoutATypeKeepEveryDigit() {
        String json = "{\"n\":0.1234567890123456789012345,\"big\":12345678901234567890}";
        Map<?, ?> read = Json.STRICT.readValue(json, Map.class);
        assertThat(read.get("n")).isEqualTo(new BigDecimal("0.1234567890123456789012345"));
        assertThat(Json.write(read)).isEqualTo(json);
    }

    @Test
    void timesAreText() {
        assertThat(Json.write(Map.of("at", Instant.parse("2026-01-02T03:04:05.678Z"))))
                .isEqualTo("{\"at\":\"2026-01-02T03:04:05.678Z\"}");
    }

    @Test
    void deepNestingIsAnErrorAndNoStackOverflow() {
        String deep = "[".repeat(100_000);
        assertThatThrownBy(() -> Json.STRICT.readTree(deep)).isInstanceOf(JacksonException.class);
    }
}
