package dev.atomic.api.description;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.atomic.shared.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.representer.Representer;

/// The OpenAPI document, put together of the files in `openapi/` once. It is written by hand: what
/// a generator finds in controllers that read their bodies themselves is next to nothing. Tests
/// hold it to the routes, to the closed sets in the code and to what is answered.
///
/// Immutable.
public final class ApiDocument {
    /// In the order in which they are put together; the first has what the document begins with.
    public static final List<String> PARTS =
            List.of(
                    "openapi",
                    "jobs",
                    "execute",
                    "events",
                    "files",
                    "models",
                    "webhooks",
                    "keys",
                    "openai",
                    "mcp",
                    "status",
                    "description",
                    "inputs",
                    "resources",
                    "problems");

    /// Begins the names of what a file has for itself, to repeat it by its anchor.
    private static final String OWN = "x-part-";

    private final String json;
    private final String yaml;

    public ApiDocument() {
        Map<String, Object> whole = new LinkedHashMap<>();
        for (String name : PARTS) {
            merge(whole, read(name), name);
        }
        this.json = Json.write(whole);
        this.yaml = yaml(Json.read(json, LinkedHashMap.class));
    }

    public String json() {
        return json;
    }

    public String yaml() {
        return yaml;
    }

    private static Map<String, Object> read(String name) {
        try (InputStream in =
                Objects.requireNonNull(
                        ApiDocument.class.getResourceAsStream("/openapi/" + name + ".yaml"),
                        name)) {
            LoaderOptions options = new LoaderOptions();
            options.setAllowDuplicateKeys(false);
            options.setMaxAliasesForCollections(1_000);
            Map<String, Object> part =
                    new Yaml(new SafeConstructor(options)).load(new InputStreamReader(in, UTF_8));
            part.keySet().removeIf(key -> key.startsWith(OWN));
            return part;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// @param where names the part, for the error
    private static void merge(Map<String, Object> whole, Map<String, Object> part, String where) {
        part.forEach((key, value) -> {
            Object there = whole.get(key);
            if (there == null) {
                whole.put(key, value);
            } else if (there instanceof Map<?, ?> && value instanceof Map<?, ?>) {
                merge(fields(there), fields(value), where + "." + key);
            } else {
                throw new IllegalStateException("two parts have " + where + "." + key);
            }
        });
    }

    @SuppressWarnings("unchecked") // what YAML of ours has for keys
    private static Map<String, Object> fields(Object map) {
        return (Map<String, Object>) map;
    }

    private static String yaml(Map<?, ?> document) {
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        options.setWidth(120);
        return new Yaml(new Representer(options), options).dump(document);
    }
}
