package dev.atomic.shared.file;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilePathTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "main.py",
                "a/b/c.txt",
                ".gitignore",
                "..a",
                "a..b",
                "...",
                "größe/日本語/🙂.py",
                "with space.txt",
                "C:",
                "a-b",
                "a@b/c-@",
                "~"
            })
    void isAllowed(String path) {
        assertThat(FilePath.refusal(path)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            delimiter = '|',
            value = {
                "''|is empty",
                "/etc/passwd|must be relative",
                "//x|must be relative",
                "..|`..` parts",
                "../x|`..` parts",
                "a/../b|`..` parts",
                "a/..|`..` parts",
                ".|`.`",
                "./a|`.`",
                "a/./b|`.`",
                "a//b|empty",
                "a/|empty",
                "a\\b|backslash",
                "..\\x|backslash",
                "-o|`-` or `@`",
                "@options.c|`-` or `@`",
                "src/--import=x.js|`-` or `@`",
                "@scope/index.js|`-` or `@`"
            })
    void isRefused(String path, String why) {
        assertThat(FilePath.refusal(path)).get().asString().contains(why);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\u0000b",
                "a\nb",
                "a\tb",
                "a\u001b[31mb",
                "a\u007fb",
                "a\u0085b",
                "a\u202eb",
                "a\u200bb",
                "a\ufeffb",
                "a\ud800b"
            })
    void whatCannotBeSeenIsRefused(String path) {
        assertThat(FilePath.refusal(path)).contains("must not contain control characters");
    }

    @Test
    void itsLengthIsCountedInBytes() {
        assertThat(FilePath.refusal("a".repeat(512))).isEmpty();
        assertThat(FilePath.refusal("a".repeat(513))).isPresent();
        assertThat(FilePath.refusal("ä".repeat(256))).isEmpty();
        assertThat(FilePath.refusal("ä".repeat(257))).contains("is longer than 512 bytes");
    }

    @Test
    void itIsSixteenDeepAtMost() {
        assertThat(FilePath.refusal("a/".repeat(15) + "b")).isEmpty();
        assertThat(FilePath.refusal("a/".repeat(16) + "b")).contains("is deeper than 16");
    }

    @Test
    void twinsInAnotherCaseHaveOneKey() {
        assertThat(FilePath.key("SRC/Main.PY")).isEqualTo(FilePath.key("src/main.py"));
        assertThat(FilePath.key("a")).isNotEqualTo(FilePath.key("b"));
    }
}
