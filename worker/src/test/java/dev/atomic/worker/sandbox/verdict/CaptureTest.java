package dev.atomic.worker.sandbox.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// What a program prints, as text.
class CaptureTest {
    private final StringBuilder passedOn = new StringBuilder();
    private final Capture capture = new Capture("stdout", (_, text) -> passedOn.append(text));

    @Test
    void charactersAreNotSplitWhereverTheBytesAre() {
        for (byte one : "aé€😀b".getBytes(StandardCharsets.UTF_8)) {
            capture.take(new byte[] {one});
            assertThat(passedOn.codePoints()).doesNotContain((int) '\uFFFD');
        }
        capture.end();
        assertThat(passedOn.toString()).isEqualTo("aé€😀b");
    }

    @Test
    void whatIsNoTextIsReplaced() {
        capture.take(new byte[] {'a', 0, (byte) 0xff, (byte) 0xc3, 'b', (byte) 0xe2, (byte) 0x82});
        capture.end();
        assertThat(passedOn.toString()).isEqualTo("a\uFFFD\uFFFD\uFFFDb\uFFFD");
    }

    @Test
    void theTailIsTheLastOfItAndWholeCharacters() {
        capture.take(("x" + "é".repeat(Capture.TAIL_BYTES)).getBytes(StandardCharsets.UTF_8));
        capture.end();
        assertThat(capture.tail().getBytes(StandardCharsets.UTF_8)).hasSize(Capture.TAIL_BYTES);
        assertThat(capture.tail()).matches("é+");
        capture.take("!".getBytes(StandardCharsets.UTF_8));
        assertThat(capture.tail()).matches("é+!");
    }
}
