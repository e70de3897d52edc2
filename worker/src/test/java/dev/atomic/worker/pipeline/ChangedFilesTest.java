package dev.atomic.worker.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.verify.Case;
import dev.atomic.shared.verify.Match;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Which of the files that come back are the run's.
class ChangedFilesTest {
    private static final SourceFile INPUT = SourceFile.of("data.txt", "given");
    private static final Map<String, String> GIVEN =
            Map.of("data.txt", FileStore.sha256(INPUT.content()));

    @Test
    void whatComesBackAsItWasGivenIsNot() {
        SourceFile changed = SourceFile.of("data.txt", "changed");
        SourceFile copy = SourceFile.of("copy.txt", "given");

        assertThat(ChangedFiles.among(List.of(INPUT, copy), GIVEN, List.of()))
                .containsExactly(copy);
        assertThat(ChangedFiles.among(List.of(changed), GIVEN, List.of())).containsExactly(changed);
    }

    @Test
    void aCasesOwnFileIsNotEither() {
        SourceFile secret = SourceFile.of("in/secret.txt", "hidden");
        Case hidden =
                new Case(
                        "case 1",
                        List.of(),
                        "",
                        List.of(secret),
                        0,
                        null,
                        null,
                        Match.TRIMMED,
                        Case.TOLERANCE,
                        null,
                        true);
        SourceFile out = SourceFile.of("in/out.txt", "hidden");

        assertThat(ChangedFiles.among(List.of(INPUT, secret, out), GIVEN, List.of(hidden)))
                .containsExactly(out);
    }
}
