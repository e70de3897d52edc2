package dev.atomic.shared.verify;

import dev.atomic.shared.file.SourceFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How the verdict is reached, apart from running the files.
///
/// @param isolated whether only a verdict of a judge of its own counts (`verify.evidence:
///   isolated`)
/// @param cases what `kind: cases` runs, in this order
/// @param requests what `kind: http` sends, in this order
/// @param stopOnFailure whether the first case or request that fails is the last
public record Checks(
        boolean isolated, List<Case> cases, List<Exchange> requests, boolean stopOnFailure) {
    /// Characters for a byte, rounded up.
    private static final long BASE64 = 2;

    /// Most cases of a job.
    public static final int MAX_CASES = 1_000;

    /// Most requests of a job.
    public static final int MAX_REQUESTS = 200;

    /// Nothing beyond what the files and the kind say.
    public static final Checks NONE = new Checks(false, List.of(), List.of(), false);

    /// UTF-16 units of all texts in it, as JSON has them.
    public long chars() {
        long chars = 0;
        for (Case each : cases) {
            chars += each.name().length() + length(each.stdin()) + length(each.stdout());
            chars += length(each.stderr());
            for (String arg : each.args()) {
                chars += arg.length();
            }
            for (SourceFile file : each.files()) {
                chars += file.path().length() + BASE64 * file.content().length;
            }
        }
        for (Exchange each : requests) {
            Exchange.Expected expect = each.expect();
            chars += each.name().length() + each.path().length() + length(each.body());
            chars += length(expect.body()) + length(expect.json()) + length(expect.contains());
        }
        return chars;
    }

    /// Whether what the program gives is compared with anything.
    public boolean isComparing() {
        return !cases.isEmpty() || !requests.isEmpty();
    }

    /// Whether anything is compared as JSON.
    public boolean hasJson() {
        return cases.stream().anyMatch(each -> each.match() == Match.JSON)
                || requests.stream()
                        .anyMatch(each ->
                                each.expect().json() != null
                                        || each.expect().match() == Match.JSON);
    }

    private static int length(@Nullable String text) {
        return text == null ? 0 : text.length();
    }
}
