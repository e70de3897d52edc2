package dev.atomic.api.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.relay.MessageAssembly.Progress;
import org.junit.jupiter.api.Test;

class MessageAssemblyTest {
    private final MessageAssembly assembly = new MessageAssembly(8, 16);

    @Test
    void partsArePutTogether() {
        assertThat(assembly.text("ab", false)).isEqualTo(Progress.PARTIAL);
        assertThat(assembly.text("", false)).isEqualTo(Progress.PARTIAL);
        assertThat(assembly.text("cd", true)).isEqualTo(Progress.WHOLE);
        assertThat(assembly.take()).isEqualTo("abcd");
        assertThat(assembly.text("e", true)).isEqualTo(Progress.WHOLE);
        assertThat(assembly.take()).isEqualTo("e");
    }

    @Test
    void theLimitIsInBytes() {
        assertThat(assembly.text("éééé", true)).isEqualTo(Progress.WHOLE);
        assertThat(assembly.take()).isEqualTo("éééé");
        assertThat(assembly.text("ééééé", true)).isEqualTo(Progress.TOO_LARGE);
        // One pair, cut by the parts: 4 bytes, and 4 more.
        assertThat(assembly.text("\uD83D", false)).isEqualTo(Progress.PARTIAL);
        assertThat(assembly.text("\uDE00abcd", true)).isEqualTo(Progress.WHOLE);
        assertThat(assembly.take()).isEqualTo("\uD83D\uDE00abcd");
    }

    @Test
    void whatIsTooLargeIsSkippedAndTheNextIsTaken() {
        assertThat(assembly.text("123456789", false)).isEqualTo(Progress.PARTIAL);
        assertThat(assembly.text("0", true)).isEqualTo(Progress.TOO_LARGE);
        assertThat(assembly.text("ok", true)).isEqualTo(Progress.WHOLE);
        assertThat(assembly.take()).isEqualTo("ok");
    }

    @Test
    void thereIsAnEndToSkipping() {
        assertThat(assembly.text("0123456789abcdef", false)).isEqualTo(Progress.PARTIAL);
        assertThat(assembly.text("!", false)).isEqualTo(Progress.EXCESSIVE);
    }
}
