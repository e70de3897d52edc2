package dev.atomic.api.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ConsoleFilesTest {
    private static final Pattern IMPORT =
            Pattern.compile("(?:from|import)\\s*['\"]([^'\"]+)['\"]|import\\('([^']+\\.js)'\\)");
    private static final Pattern LINK =
            Pattern.compile("(?:href|src)=\"/console/([^/\"]+)/([^\"]+)\"");

    private final ConsoleFiles files = new ConsoleFiles();

    @Test
    void thePageNamesOnlyFilesThatAreThereUnderThisVersion() {
        Matcher links = LINK.matcher(text(files.page()));
        int found = 0;
        while (links.find()) {
            found++;
            assertThat(links.group(1)).isEqualTo(files.version());
            assertThat(files.find(links.group(2))).as(links.group(2)).isPresent();
        }
        assertThat(found).isGreaterThan(20);
    }

    /// A module that isn't named in the page is found late, by way of the one that imports it.
    @Test
    void everyModuleThatIsNeededAtOnceIsThereAndPreloaded() {
        String page = text(files.page());
        Set<String> seen = new TreeSet<>();
        Deque<String> open = new ArrayDeque<>(Set.of("app.js"));
        while (!open.isEmpty()) {
            String name = open.pop();
            if (!seen.add(name)) {
                continue;
            }
            ConsoleFiles.Asset module =
                    files.find(name).orElseThrow(() -> new AssertionError(name));
            assertThat(page).contains("/" + name + "\"");
            Matcher imports = IMPORT.matcher(text(module));
            while (imports.find()) {
                Path folder = Path.of(name).resolveSibling("");
                if (imports.group(1) == null) {
                    String later = folder.resolve(imports.group(2)).normalize().toString();
                    assertThat(files.find(later)).as(later).isPresent();
                } else {
                    assertThat(imports.group(1)).as("in %s", name).startsWith("./");
                    open.push(folder.resolve(imports.group(1)).normalize().toString());
                }
            }
        }
        assertThat(seen).contains("lib/preact.js", "lib/hooks.js", "lib/htm.js", "lib/diff.js");
    }

    @Test
    void theLibrariesComeWithTheirLicences() {
        String licenses = text(files.find("lib/licenses.txt").orElseThrow());

        assertThat(licenses)
                .contains(
                        "Jason Miller",
                        "Apache License",
                        "Ivan Sagalaev",
                        "Leon Sorokin",
                        "Kevin Decker");
    }

    private static String text(ConsoleFiles.Asset asset) {
        return new String(asset.content().getByteArray(), UTF_8);
    }
}
