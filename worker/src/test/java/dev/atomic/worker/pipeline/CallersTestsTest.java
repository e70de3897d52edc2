package dev.atomic.worker.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.file.SourceFile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Whose files are run when a caller hands in tests.
class CallersTestsTest {
    private static final List<SourceFile> MODEL =
            files("model", "main.py", "test_main.py", "conftest.py");

    @Test
    void theCallersReplaceTheModelsOfTheSamePath() {
        List<SourceFile> run =
                VerifyStage.withCallersTests(MODEL, files("caller", "Test_Main.py", "data.txt"));

        assertThat(run)
                .extracting(file ->
                        file.path() + " of " + new String(file.content(), StandardCharsets.UTF_8))
                .containsExactly(
                        "main.py of model",
                        "Test_Main.py of caller",
                        "conftest.py of model",
                        "data.txt of caller");
    }

    @Test
    void withoutACallersTestsAllIsTheModels() {
        assertThat(VerifyStage.withCallersTests(MODEL, List.of())).isEqualTo(MODEL);
    }

    private static List<SourceFile> files(String content, String... paths) {
        return Stream.of(paths).map(path -> SourceFile.of(path, content)).toList();
    }
}
