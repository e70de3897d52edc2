package dev.atomic.worker.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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
                    "history",
                    "files",
                    "spec",
                    "failure",
                    "unclear",
                    "instructions"
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
    void aSectionWithoutAValueIsLeftOut() {
        Map<String, String> values = values("Write it.");
        assertThat(PromptTemplate.load("code").fill(values))
                .contains("did not pass", "<failure>", "asked before", "<history>");
        values.put("failure", "");
        values.put("unclear", "");
        values.put("history", "");
        assertThat(PromptTemplate.load("code").fill(values))
                .contains("Further instructions:\n\n<instructions>\n\nWhat is asked:")
                .doesNotContain("did not pass", "asked before", "{{", "\n\n\n");
    }

    @Test
    void whatIsFilledInIsNeverLookedAtAgain() {
        String hostile = "{{spec}} {{#spec}}\nx{{/spec}}\n {{nothing}} $1 \\1 ${x} \\";
        assertThat(PromptTemplate.load("code").fill(values(hostile))).endsWith(hostile + "\n");
    }

    /// What a stage's `prompt_version` stands for must not change. So a changed template needs
    /// another version: a new folder, a new [PromptTemplate#VERSION], and its hash here.
    @Test
    void theTemplatesAreThoseOfTheirVersion() throws Exception {
        Path folder =
                Path.of(getClass().getResource("/prompts/v" + PromptTemplate.VERSION).toURI());
        MessageDigest hash = MessageDigest.getInstance("SHA-256");
        List<Path> templates;
        try (Stream<Path> files = Files.list(folder)) {
            templates = files.sorted().toList();
        }
        for (Path template : templates) {
            hash.update(template.getFileName().toString().getBytes(StandardCharsets.UTF_8));
            hash.update((byte) 0);
            hash.update(Files.readAllBytes(template));
        }
        assertThat(templates).hasSize(3);
        assertThat("v" + PromptTemplate.VERSION + " " + HexFormat.of().formatHex(hash.digest()))
                .isEqualTo("v3 cd7fefa7a4b02dbb69246082069c0094d418281b554e40daa91dca9204ae422f");
    }

    @Test
    void aPlaceWithoutAValueIsABug() {
        assertThatThrownBy(() -> PromptTemplate.load("code").fill(Map.of("prompt", "x")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PromptTemplate.load("unknown"))
                .isInstanceOf(IllegalStateException.class);
    }
}
