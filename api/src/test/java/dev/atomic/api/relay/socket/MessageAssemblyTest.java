package dev.atomic.api.relay.socket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.relay.socket.MessageAssembly.Progress;
import org.junit.jupiter.api.Test;

class MessageAssemblyTest {
    private final RequestMemory memory = new RequestMemory(MessageAssembly.STEP);
    private final MessageAssembly assembly = new MessageAssembly(8, 16, memory.open());

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

    @Test
    void whatHasNoRoomIsSkippedAndTheNextIsTakenWhenThereIsRoom() {
        RequestMemory.Share others = memory.open();
        others.take(1);
        assertThat(assembly.text("abc", false)).isEqualTo(Progress.PARTIAL);
        others.close();
        assertThat(assembly.text("d", true)).isEqualTo(Progress.NO_ROOM);
        assertThat(memory.held()).isZero();
        assertThat(assembly.text("ok", true)).isEqualTo(Progress.WHOLE);
        assertThat(assembly.take()).isEqualTo("ok");
    }

    @Test
    void theMemoryIsGivenBackWhenTheMessageWasHandledOrDropped() {
        assembly.text("ab", true);
        assembly.take();
        assertThat(memory.held()).isEqualTo(MessageAssembly.STEP);
        assembly.handled();
        assertThat(memory.held()).isZero();
        assembly.text("12345678", false);
        assertThat(memory.held()).isEqualTo(MessageAssembly.STEP);
        assembly.text("9", false);
        assertThat(memory.held()).isZero();
    }

    @Test
    void aClosedSocketHoldsOnlyTheMessageThatIsBeingHandled() {
        assembly.text("ab", true);
        assembly.take();
        assembly.close();
        assertThat(memory.held()).isEqualTo(MessageAssembly.STEP);
        assembly.handled();
        assertThat(memory.held()).isZero();
        // A part that the reader had in its hands when the socket was closed.
        assertThat(assembly.text("cd", true)).isEqualTo(Progress.PARTIAL);
        assertThat(memory.held()).isZero();
    }

    @Test
    void anUnfinishedMessageIsLetGoWithItsSocket() {
        assembly.text("ab", false);
        assembly.close();
        assertThat(memory.held()).isZero();
    }
}
