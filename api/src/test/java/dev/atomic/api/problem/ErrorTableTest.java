package dev.atomic.api.problem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.problem.ProblemCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Holds the table of request errors in `docs/failures.md` to the codes there are.
class ErrorTableTest {
    private static final Pattern ROW =
            Pattern.compile("^\\| `(\\w+)` \\| (\\d+|WebSocket) \\|", Pattern.MULTILINE);

    @Test
    void theTableHasEveryCodeWithItsStatusAndNoOther() throws IOException {
        Map<String, String> codes = new TreeMap<>();
        for (ProblemCode code : ProblemCode.values()) {
            codes.put(
                    code.wire(),
                    code.isOfSocketAlone() ? "WebSocket" : Integer.toString(code.status()));
        }
        String text = Files.readString(Path.of("../docs/failures.md"));
        String section =
                text.substring(
                        text.indexOf("\n## Errors of requests"),
                        text.indexOf("\n## Errors of jobs"));
        Map<String, String> told = new TreeMap<>();
        ROW.matcher(section).results().forEach(row -> told.put(row.group(1), row.group(2)));
        assertThat(told).isEqualTo(codes);
    }
}
