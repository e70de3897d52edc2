package dev.atomic.api.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ShortTextTest {
    private static final String TEXT = "aé€😀".repeat(50);

    @Test
    void thePiecesOfATextAreShortAndTheWholeOfIt() {
        for (int most = 4; most < 40; most++) {
            StringBuilder whole = new StringBuilder();
            while (whole.length() < TEXT.length()) {
                int end = ShortText.end(TEXT, whole.length(), most);
                String piece = TEXT.substring(whole.length(), end);
                assertThat(piece.getBytes(UTF_8)).hasSizeBetween(1, most);
                whole.append(piece);
            }
            assertThat(whole).hasToString(TEXT);
        }
    }

    @Test
    void aHalfOfACharacterIsACharacter() {
        assertThat(ShortText.end("\ud83d", 0, 3)).isEqualTo(1);
        assertThat(ShortText.end("", 0, 3)).isZero();
    }
}
