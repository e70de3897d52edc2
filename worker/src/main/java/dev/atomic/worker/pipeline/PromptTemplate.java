package dev.atomic.worker.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A prompt with places to fill, from a versioned file. What is filled in is never looked at for
/// places again, so that a user's text can't reach into another part.
///
/// Thread-safe.
final class PromptTemplate {
    private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z]+)}}");

    private final String text;

    private PromptTemplate(String text) {
        this.text = text;
    }

    /// @param name of a file in `prompts/v1`, without its ending
    static PromptTemplate load(String name) {
        String path = "/prompts/v1/" + name + ".md";
        try (InputStream file = PromptTemplate.class.getResourceAsStream(path)) {
            if (file == null) {
                throw new IllegalStateException("no prompt template " + path);
            }
            return new PromptTemplate(new String(file.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// @throws IllegalArgumentException when a place has no value
    String fill(Map<String, String> values) {
        return PLACE.matcher(text)
                .replaceAll(place -> {
                    String value = values.get(place.group(1));
                    if (value == null) {
                        throw new IllegalArgumentException(
                                "the prompt template has a placeholder without a value: "
                                        + place.group(1));
                    }
                    return Matcher.quoteReplacement(value);
                });
    }
}
