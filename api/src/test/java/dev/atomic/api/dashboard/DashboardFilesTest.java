package dev.atomic.api.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DashboardFilesTest {
    private static final Pattern SCRIPT = Pattern.compile("/dashboard/(static/js/[^\"]+\\.js)");

    private final DashboardFiles files = new DashboardFiles();

    /// Fails when a newer JobRunr asks for things in another way.
    @Test
    void noScriptAsksForWhatIsNotTheDashboards() {
        String manifest =
                new String(
                        files.find("asset-manifest.json").orElseThrow().content().getByteArray(),
                        UTF_8);
        List<String> scripts =
                SCRIPT.matcher(manifest).results().map(found -> found.group(1)).distinct().toList();
        assertThat(scripts).hasSizeGreaterThan(3);
        for (String name : scripts) {
            String script =
                    new String(files.find(name).orElseThrow().content().getByteArray(), UTF_8);
            assertThat(script)
                    .as(name)
                    .doesNotContain("\"/api/", "\"/sse/", "`/api/", "'/api/", "'/sse/")
                    .doesNotContain("api.jobrunr.io")
                    .doesNotContain("fetch(\"http", "EventSource(\"http", "sendBeacon");
        }
        assertThat(String.join("", scripts)).isNotEmpty();
    }

    /// Fails when a newer JobRunr says things in another way.
    @Test
    void whatIsSaidAndOfferedIsWhatIsSo() {
        String manifest =
                new String(
                        files.find("asset-manifest.json").orElseThrow().content().getByteArray(),
                        UTF_8);
        String scripts =
                SCRIPT.matcher(manifest)
                        .results()
                        .map(found -> files.find(found.group(1)).orElseThrow().content())
                        .map(content -> new String(content.getByteArray(), UTF_8))
                        .collect(java.util.stream.Collectors.joining());
        assertThat(scripts)
                .contains("\"/#/jobs/\".concat(", "Open the job in the console")
                .contains(".enqueued+", "text:\"Under way\"")
                .contains("Succeeded, last 2 minutes", "Deleted, last 2 minutes")
                .contains("succeeded in the last 2 minutes", "deleted in the last 2 minutes")
                .contains("No deliveries here.", " deliveries so far; ")
                .doesNotContain("\"Requeue\"", "/requeue", "\"No jobs found\"", " jobs with ");
    }

    @Test
    void thePageHasANonceAndNoScriptOfItsOwn() {
        assertThat(files.page("abc"))
                .contains("nonce=\"abc\"")
                .doesNotContain("%CSP_NONCE%")
                .doesNotContainPattern("<script(?![^>]* src=)")
                .doesNotContainPattern("(src|href)=\"(http|//)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".env",
                "../.env",
                "static/../../jest.config.js",
                "static//x.js",
                "/etc/passwd",
                "static/js/",
                "static/js/nothing.js",
                "index.html",
                "static\\js",
                "static/js/%2e%2e/x.js"
            })
    void nothingElseIsServed(String path) {
        assertThat(files.find(path)).isEmpty();
    }
}
