package dev.atomic.api.request;

import dev.atomic.shared.Json;
import dev.atomic.shared.file.FilePath;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.verify.BoundedRegex;
import dev.atomic.shared.verify.Case;
import dev.atomic.shared.verify.Checks;
import dev.atomic.shared.verify.Match;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/// Reads `verify.cases`.
final class CasesBody {
    private static final Set<String> FIELDS =
            Set.of(
                    "name",
                    "args",
                    "stdin",
                    "files",
                    "exit_code",
                    "stdout",
                    "stderr",
                    "match",
                    "tolerance",
                    "timeout_seconds",
                    "hidden");
    private static final int MAX_NAME = 200;
    private static final int MAX_EXIT_CODE = 255;

    private CasesBody() {}

    /// @return empty when there are none
    static List<Case> read(Fields verify, InputFiles files) {
        List<Case> cases = new ArrayList<>();
        verify.objects(
                "cases",
                Checks.MAX_CASES,
                each -> cases.add(readOne(each.only(FIELDS), files, cases.size() + 1)));
        return cases;
    }

    private static Case readOne(Fields each, InputFiles reader, int number) {
        String name = each.text("name", 1, MAX_NAME);
        List<String> args = Argv.args(each, List.of());
        String stdin = each.text("stdin", 0, FilePath.MAX_FILE_BYTES);
        List<SourceFile> files = reader.read(each, "files");
        Integer exitCode = each.integer("exit_code", 0, MAX_EXIT_CODE);
        String stdout = expected(each, "stdout");
        String stderr = expected(each, "stderr");
        Match match = each.choice("match", List.of(Match.values()), Match::wire);
        Double tolerance = each.decimal("tolerance", "0", "1e300");
        Double timeout = each.decimal("timeout_seconds", "0.001", "3600");
        Boolean hidden = each.flag("hidden");
        if (tolerance != null && match != Match.TOKENS) {
            each.wrong("tolerance", "is only for match tokens");
        }
        Match how = Objects.requireNonNullElse(match, Match.TRIMMED);
        expectation(each, "stdout", stdout, how);
        expectation(each, "stderr", stderr, how);
        return new Case(
                Objects.requireNonNullElse(name, "case " + number),
                args,
                Objects.requireNonNullElse(stdin, ""),
                files,
                Objects.requireNonNullElse(exitCode, 0),
                stdout,
                stderr,
                how,
                Objects.requireNonNullElse(tolerance, Case.TOLERANCE),
                timeout,
                Boolean.TRUE.equals(hidden));
    }

    /// No more than this of what a program prints is compared, so that a longer text could never be
    /// equal.
    static @Nullable String expected(Fields each, String field) {
        String text = each.text(field, 0, FilePath.MAX_FILE_BYTES);
        if (text != null
                && text.length() > FilePath.MAX_FILE_BYTES / 3
                && text.getBytes(StandardCharsets.UTF_8).length > FilePath.MAX_FILE_BYTES) {
            each.wrong(field, "has more than 1 MiB");
        }
        return text;
    }

    /// Refuses at once what could never be compared with.
    static void expectation(Fields each, String field, @Nullable String text, Match match) {
        if (text == null) {
            return;
        }
        if (match == Match.JSON) {
            try {
                Json.STRICT.readTree(text);
            } catch (JacksonException e) {
                each.wrong(field, "isn't JSON, but match is json");
            }
        }
        if (match == Match.REGEX) {
            BoundedRegex.refusal(text).ifPresent(why -> each.wrong(field, why));
        }
    }
}
