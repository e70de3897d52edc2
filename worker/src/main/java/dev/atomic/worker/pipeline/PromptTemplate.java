package dev.atomic.worker.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A prompt with places to fill (`{{name}}`), from a versioned file. A section from `{{#name}}` to
/// `{{/name}}`, each on a line of its own, is left out where that value is empty. What is filled in
/// is never looked at for places or sections again, so that a user's text can't reach into another
/// part.
///
/// Thread-safe.
final class PromptTemplate {
    /// Of all templates together. It is kept with each stage, so that answers can be told apart by
    /// what was asked. To change a template, raise it and rename the folder.
    static final int VERSION = 3;

    private static final Pattern SECTION =
            Pattern.compile("\\{\\{#([a-z]+)}}\n(.*?)\\{\\{/\\1}}\n", Pattern.DOTALL);

    private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z]+)}}");

    private final String text;

    private PromptTemplate(String text) {
        this.text = text;
    }

    /// @param name of a file of this version, without its ending
    static PromptTemplate load(String name) {
        String path = "/prompts/v" + VERSION + "/" + name + ".md";
        try (InputStream file = PromptTemplate.class.getResourceAsStream(path)) {
            if (file == null) {
                throw new IllegalStateException("no prompt template " + path);
            }
            return new PromptTemplate(new String(file.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// @throws IllegalArgumentException when a place or a section has no value
    String fill(Map<String, String> values) {
        String kept =
                SECTION.matcher(text)
                        .replaceAll(section ->
                                value(values, section.group(1)).isEmpty()
                                        ? ""
                                        : Matcher.quoteReplacement(section.group(2)));
        return PLACE.matcher(kept)
                .replaceAll(place -> Matcher.quoteReplacement(value(values, place.group(1))));
    }

    private static String value(Map<String, String> values, String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException(
                    "the prompt template has a placeholder without a value: " + name);
        }
        return value;
    }
}
