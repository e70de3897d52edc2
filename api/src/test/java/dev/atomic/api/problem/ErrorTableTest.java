package dev.atomic.api.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Holds the table of request errors in `docs/failures.md` and the code together: it reads both.
class ErrorTableTest {
    private static final Pattern REFUSAL = Pattern.compile("\\b([45]\\d\\d),\\s*\"([a-z_]+)\"");
    private static final Pattern ROW =
            Pattern.compile("^\\| `(\\w+)` \\| (\\d+|WebSocket) \\|", Pattern.MULTILINE);

    @Test
    void theTableHasTheCodesAndStatusesOfTheCodeAndNoOthers() throws IOException {
        Map<String, String> refused = new TreeMap<>();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                REFUSAL.matcher(Files.readString(file))
                        .results()
                        .forEach(one -> {
                            String before = refused.put(one.group(2), one.group(1));
                            assertThat(before).as(one.group(2)).isIn(null, one.group(1));
                        });
            }
        }
        assertThat(refused).containsEntry("queue_full", "429");
        // Codes only the socket uses have no status of HTTP's.
        for (String socketOnly : new String[] {"too_large", "too_many_subscriptions"}) {
            refused.replace(socketOnly, "WebSocket");
        }
        String text = Files.readString(Path.of("../docs/failures.md"));
        String section =
                text.substring(
                        text.indexOf("\n## Errors of requests"),
                        text.indexOf("\n## Errors of jobs"));
        Map<String, String> told = new TreeMap<>();
        ROW.matcher(section).results().forEach(row -> told.put(row.group(1), row.group(2)));
        assertThat(told).isEqualTo(refused);
    }
}
