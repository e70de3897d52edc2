package dev.atomic.worker.extraction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.file.FilePath;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.worker.extraction.MarkdownFiles.Found;
import dev.atomic.worker.extraction.MarkdownFiles.None;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A model's answer may be anything: it is bounded, refused by name, and read in one pass.
@Timeout(60)
class HostileAnswersTest {
    private static final int MIB = 1 << 20;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "```python ../main.py\nx\n```",
                "```python /etc/cron.d/x.py\nx\n```",
                "```python a/../../x.py\nx\n```",
                "```python title=\"..\\x.py\"\nx\n```",
                "```python a\\b.py\nx\n```",
                "```python a//b.py\nx\n```",
                "```python -o.py\nx\n```",
                "```python title=\"src/@options.py\"\nx\n```",
                "```python ./../x.py\nx\n```",
                "```python a\u001b[31m.py\nx\n```",
                "```python title=\"a\u0000.py\"\nx\n```",
                "```python\n# file: ../x.py\nx\n```",
                "**../x.py**\n```python\nx\n```"
            })
    void aHostilePathIsRefusedByName(String answer) {
        assertThat(MarkdownFiles.extract(answer, "python"))
                .isInstanceOfSatisfying(
                        None.class,
                        none ->
                                assertThat(none.why())
                                        .startsWith("a path in the model's answer ")
                                        .doesNotContainPattern("\\p{Cntrl}"));
    }

    @Test
    void aLeadingDotSlashIsTakenOff() {
        assertThat(MarkdownFiles.extract("```python ./main.py\nx\n```", "python"))
                .isEqualTo(new Found(List.of(SourceFile.of("main.py", "x\n"))));
    }

    @Test
    void aPathThatIsTooLongOrTooDeepIsRefused() {
        for (String path : List.of("a".repeat(600) + ".py", "a/".repeat(17) + "b.py")) {
            assertThat(MarkdownFiles.extract("```python " + path + "\nx\n```", "python"))
                    .isInstanceOfSatisfying(
                            None.class, none -> assertThat(none.why()).hasSizeLessThan(300));
        }
    }

    @Test
    void tooManyFilesAreRefusedAndAsManyAsMayBeAreNot() {
        StringBuilder answer = new StringBuilder();
        for (int i = 0; i < FilePath.MAX_FILES; i++) {
            answer.append("```python f").append(i).append(".py\nx\n```\n");
        }
        assertThat(((Found) MarkdownFiles.extract(answer.toString(), "python")).files())
                .hasSize(FilePath.MAX_FILES);
        String twice = answer + "```python f0.py\nagain\n```\n";
        assertThat(MarkdownFiles.extract(twice, "python")).isInstanceOf(Found.class);
        answer.append("```python one-more.py\nx\n```\n");
        assertThat(MarkdownFiles.extract(answer.toString(), "python")).isInstanceOf(None.class);
    }

    @Test
    void aFileThatIsTooLargeIsRefused() {
        String content = "x".repeat(MIB - 1);
        assertThat(MarkdownFiles.extract("```python m.py\n" + content + "\n```", "python"))
                .isInstanceOf(Found.class);
        assertThat(MarkdownFiles.extract("```python m.py\n" + content + "x\n```", "python"))
                .isInstanceOf(None.class);
        assertThat(MarkdownFiles.extract("```python\n" + content + "x\n```", "python"))
                .isInstanceOf(None.class);
        assertThat(MarkdownFiles.extract("print(1)\n".repeat(MIB / 8), "python"))
                .isInstanceOf(None.class);
    }

    /// What would take hours if any of it were quadratic or worse.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "`",
                "~",
                "```\n",
                "```x\n",
                "```markdown\n",
                "# file: a.py\n",
                "# ",
                " ",
                "\t",
                "\n",
                "\r\n",
                "\r",
                "*",
                "**a",
                "_",
                "a.",
                "a/",
                "a.b/",
                "/",
                ".",
                "title=",
                "title=\"",
                "title  ",
                "<!-- ",
                "a ",
                "a: b = ",
                "- - ",
                "\u0000",
                "\ud83d"
            })
    void aMebibyteOfAnythingIsReadInOnePass(String unit) {
        String mebibyte = unit.repeat(MIB / unit.length());
        for (String around : List.of("%s", "```python\n%s\nx\n```")) {
            String answer = around.replace("%s", mebibyte);
            assertThat(MarkdownFiles.extract(answer, "python")).isNotNull();
        }
        String less = mebibyte.substring(0, MIB / 8);
        assertThat(MarkdownFiles.extract("```" + less + "\nx\n```", "python")).isNotNull();
        assertThat(MarkdownFiles.extract(less + "\n```python\nx\n```", "python")).isNotNull();
        for (String language : List.of("javascript", "c", "cpp", "bash")) {
            assertThat(MarkdownFiles.extract(less, language)).isNotNull();
        }
    }

    @Test
    void nothingEverThrowsAndWhatIsFoundIsAllowed() {
        String[] words = {
            "```",
            "````",
            "~~~",
            "python",
            " ",
            "\n",
            "\r\n",
            "main.py",
            "title=",
            "\"",
            "'",
            ":",
            "# ",
            "// ",
            "file: ",
            "../",
            "/",
            "\\",
            "**",
            "`",
            "x = 1",
            "é",
            "🙂",
            "\u0000",
            "\ud800",
            "markdown",
            ".md",
            "{",
            "}",
            "a/b/c.py",
            "    ",
            "\t",
            "Makefile",
            "<!--",
            "-->"
        };
        Random random = new Random(42);
        for (int round = 0; round < 30_000; round++) {
            StringBuilder answer = new StringBuilder();
            for (int i = random.nextInt(25); i >= 0; i--) {
                answer.append(words[random.nextInt(words.length)]);
            }
            check(answer.toString());
        }
    }

    private static void check(String answer) {
        switch (MarkdownFiles.extract(answer, "python")) {
            case Found(List<SourceFile> files, _) -> {
                Set<String> keys = new HashSet<>();
                for (SourceFile file : files) {
                    assertThat(FilePath.refusal(file.path())).as(answer).isEmpty();
                    assertThat(keys.add(FilePath.key(file.path()))).as(answer).isTrue();
                }
                assertThat(files).as(answer).isNotEmpty();
            }
            case None(String why) -> assertThat(why).as(answer).isNotBlank();
        }
    }
}
