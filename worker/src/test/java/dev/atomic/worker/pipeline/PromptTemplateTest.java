package dev.atomic.worker.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromptTemplateTest {
    private static Map<String, String> values(String prompt) {
        Map<String, String> values = new HashMap<>();
        for (String place :
                new String[] {
                    "language",
                    "framework",
                    "packages",
                    "history",
                    "files",
                    "spec",
                    "failure",
                    "instructions",
                    "code"
                }) {
            values.put(place, "<" + place + ">");
        }
        values.put("prompt", prompt);
        return values;
    }

    @ParameterizedTest
    @ValueSource(strings = {"spec", "code", "docs"})
    void everyPlaceOfATemplateIsFilled(String name) {
        String prompt = PromptTemplate.load(name).fill(values("Write it."));
        assertThat(prompt).contains("Write it.", "<language>").doesNotContain("{{", "}}");
    }

    @Test
    void whatIsFilledInIsNeverLookedAtAgain() {
        String hostile = "{{spec}} {{nothing}} $1 \\1 ${x} \\";
        assertThat(PromptTemplate.load("code").fill(values(hostile))).endsWith(hostile + "\n");
    }

    @Test
    void aPlaceWithoutAValueIsABug() {
        assertThatThrownBy(() -> PromptTemplate.load("code").fill(Map.of("prompt", "x")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PromptTemplate.load("unknown"))
                .isInstanceOf(IllegalStateException.class);
    }
}
