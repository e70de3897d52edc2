package dev.atomic.api.diff;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnifiedDiffTest {
    @TempDir Path folder;

    private static byte @Nullable [] bytes(@Nullable String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    private static String diff(@Nullable String before, @Nullable String after) {
        return new UnifiedDiff().of("a b.py", bytes(before), bytes(after));
    }

    @Test
    void aChangedLineStandsInItsPlace() {
        assertThat(diff("one\ntwo\nthree\n", "one\n2\nthree\n"))
                .isEqualTo(
                        """
                        --- a/a b.py\t
                        +++ b/a b.py\t
                        @@ -1,3 +1,3 @@
                         one
                        -two
                        +2
                         three
                        """);
    }

    @Test
    void whatIsNoTextIsOnlyNamed() {
        assertThat(new UnifiedDiff().of("x", new byte[] {(byte) 0xff}, bytes("a")))
                .isEqualTo("Binary files a/x and b/x differ\n");
        assertThat(new UnifiedDiff().of("x", null, new byte[] {0}))
                .isEqualTo("Binary files /dev/null and b/x differ\n");
    }

    @Test
    void theSameIsNothing() {
        assertThat(diff("a\nb", "a\nb")).isEmpty();
    }

    /// `patch` itself makes the second of the first, whatever the ends of the files are.
    @Test
    void patchTakesIt() throws Exception {
        Random random = new Random(7);
        for (int i = 0; i < 60; i++) {
            String before = text(random);
            String after = i % 10 == 0 ? null : text(random);
            assertThat(patched(i % 7 == 1 ? null : before, after))
                    .as("round " + i)
                    .isEqualTo(after);
        }
    }

    private static String text(Random random) {
        String text =
                IntStream.range(0, 1 + random.nextInt(40))
                        .mapToObj(i ->
                                random.nextInt(3) == 0 ? "line " + random.nextInt(9) : "line " + i)
                        .collect(Collectors.joining("\n"));
        return random.nextBoolean() ? text : text + "\n";
    }

    private @Nullable String patched(@Nullable String before, @Nullable String after)
            throws IOException, InterruptedException {
        Path file = folder.resolve("a b.py");
        Files.deleteIfExists(file);
        if (before != null) {
            Files.writeString(file, before);
        }
        String diff = diff(before, after);
        if (!diff.isEmpty()) {
            Path patch = folder.resolve("the.patch");
            Files.writeString(patch, diff);
            Process process =
                    new ProcessBuilder("patch", "-p1", "-E", "-s", "-i", patch.toString())
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .start();
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(said + diff).isZero();
        }
        return Files.exists(file) ? Files.readString(file) : null;
    }

    /// A megabyte of lines that are all other ones would take minutes to compare, and far more
    /// memory than there is.
    @Test
    void longFilesThatHaveNothingInCommonAreOneChange() throws Exception {
        String before =
                IntStream.range(0, 100_000)
                        .mapToObj(i -> "a" + i)
                        .collect(Collectors.joining("\n"));
        String after =
                IntStream.range(0, 100_000)
                        .mapToObj(i -> "b" + i)
                        .collect(Collectors.joining("\n"));
        String both = "same\n" + before + "\nsame\n";
        assertThat(
                        diff(both, "same\n" + after + "\nsame\n")
                                .lines()
                                .filter(l -> l.startsWith("@@")))
                .containsExactly("@@ -1,100002 +1,100002 @@");
        assertThat(patched(both, "same\n" + after + "\nsame\n"))
                .isEqualTo("same\n" + after + "\nsame\n");
    }
}
