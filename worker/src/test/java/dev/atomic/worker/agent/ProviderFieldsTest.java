package dev.atomic.worker.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.Json;
import dev.atomic.shared.model.ModelProvider;
import dev.atomic.shared.model.ModelProvider.Model;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProviderFieldsTest {
    private static List<ModelProvider> read(String json) {
        return ProviderFields.read(Json.STORED.readTree(json));
    }

    @Test
    void statesPricesAndLimitsAreRead() {
        assertThat(
                        read(
                                """
                                [{"name": "openai", "state": "cooling_down", "models": ["large", "small"],
                                  "cause": "rate_limited", "retry_after_ms": 1500,
                                  "model_details": [{"id": "large", "default_for": ["GENERATE_CODE"],
                                    "input_usd_per_million": 1.5, "cached_input_usd_per_million": 0.5,
                                    "output_usd_per_million": 6, "prices_as_of": "2026-01-01",
                                    "context_tokens": 1000, "max_output_tokens": 100}]},
                                 {"name": "guides", "state": "ready", "models": []}]
                                """))
                .containsExactly(
                        new ModelProvider(
                                "openai",
                                "cooling_down",
                                "rate_limited",
                                1500L,
                                List.of(
                                        new Model(
                                                "large",
                                                List.of("GENERATE_CODE"),
                                                1.5,
                                                0.5,
                                                6.0,
                                                "2026-01-01",
                                                1000L,
                                                100L),
                                        new Model(
                                                "small", List.of(), null, null, null, null, null,
                                                null))),
                        new ModelProvider("guides", "ready", null, null, List.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "7",
                "null",
                "{}",
                "[]",
                "[1, null, [], \"openai\"]",
                "[{}, {\"name\": 5, \"models\": [\"a\"]}, {\"name\": \"\"}]"
            })
    void whatIsNoProviderIsLeftOut(String json) {
        assertThat(read(json)).isEmpty();
    }

    @Test
    void fieldsOfTheWrongTypeCountAsAbsentAndNothingGrowsWithoutBound() {
        String many = "\"m\",".repeat(3) + "\"" + "n".repeat(300) + "\", 5, {}, \"last\"";
        assertThat(
                        read(
                                "[{\"name\":\"p\",\"state\":5,\"models\":["
                                        + many
                                        + "],\"retry_after_ms\":-1,\"model_details\":"
                                        + "[{\"id\":\"m\",\"output_usd_per_million\":-1,"
                                        + "\"context_tokens\":\"x\",\"default_for\":7}]}]"))
                .containsExactly(
                        new ModelProvider(
                                "p",
                                "",
                                null,
                                null,
                                List.of(
                                        new Model(
                                                "m", List.of(), null, null, null, null, null, null),
                                        new Model(
                                                "last", List.of(), null, null, null, null, null,
                                                null))));
        StringBuilder providers = new StringBuilder("[");
        for (int i = 0; i < 1_000; i++) {
            providers.append(i == 0 ? "" : ",").append("{\"name\":\"p").append(i).append("\"}");
        }
        assertThat(read(providers.append(']').toString())).hasSize(32);
    }
}
