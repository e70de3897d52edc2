package dev.atomic.worker.sandbox.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.worker.sandbox.run.RunnerRecord;
import dev.atomic.worker.sandbox.run.Step;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is said of files that stay in the sandbox.
class RefusedFilesTest {
    private final StringBuilder streamed = new StringBuilder();
    private final Transcript said =
            new Transcript(
                    List.of(Step.of(Step.Kind.RUN, List.of("x"))),
                    (_, text) -> streamed.append(text));

    @Test
    void theyAreNamedBehindWhatTheProgramPrinted() {
        said.take(new RunnerRecord.Output(0, 2, "no newline".getBytes(StandardCharsets.UTF_8)));
        said.take(new RunnerRecord.RefusedFile("too_large", "out/huge"));
        said.take(new RunnerRecord.CollectedFile("../up", new byte[0]));
        said.take(new RunnerRecord.Complete());
        assertThat(said.stderr().tail())
                .startsWith("no newline\n[sandbox] not given back: out/huge: too_large\n")
                .contains("[sandbox] not given back: ../up: ")
                .isEqualTo(streamed.toString());
        assertThat(said.stderr().all()).as("the program's own").isEqualTo("no newline");
    }

    @Test
    void nothingIsSaidWhenAllCameBack() {
        said.take(new RunnerRecord.CollectedFile("good", new byte[0]));
        said.take(new RunnerRecord.Complete());
        assertThat(streamed).isEmpty();
    }

    @Test
    void twentyAreNamedAndTheOthersCounted() {
        for (int i = 0; i < 50; i++) {
            said.take(new RunnerRecord.RefusedFile("link", "link" + i));
        }
        said.take(new RunnerRecord.RefusedFile("and_more", "1000"));
        said.take(new RunnerRecord.Complete());
        assertThat(said.stderr().tail().lines())
                .hasSize(21)
                .startsWith("[sandbox] not given back: link0: link")
                .endsWith("[sandbox] not given back: 1030 more files");
    }

    @Test
    void aNameIsOneShortLineWhateverIsInIt() {
        said.take(
                new RunnerRecord.RefusedFile(
                        "control_character", "a\n[sandbox]\u001b[2J\u202e\u2028\u0085b"));
        said.take(new RunnerRecord.RefusedFile("too_long", "é".repeat(1_000)));
        said.take(new RunnerRecord.Complete());
        assertThat(said.stderr().tail().lines())
                .containsExactly(
                        "[sandbox] not given back: a\ufffd[sandbox]\ufffd[2J\ufffd\ufffd\ufffdb:"
                                + " control_character",
                        "[sandbox] not given back: " + "é".repeat(256) + ": too_long");
    }
}
