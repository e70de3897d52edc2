package dev.atomic.shared.followup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FollowUpTest {
    private static final FollowUp NONE = new FollowUp(List.of(), null);

    @Test
    void promptsAreKeptInTheirOrderAndTheLastSpecificationWithThem() {
        FollowUp chain = NONE.then("a", "spec of a").then("b", null).then("", null);
        assertThat(chain).isEqualTo(new FollowUp(List.of("a", "b"), "spec of a"));
        assertThat(chain.then("c", "spec of c").spec()).isEqualTo("spec of c");
    }

    @Test
    void theOldestPromptsAreDropped() {
        FollowUp chain = NONE;
        for (int i = 1; i <= 25; i++) {
            chain = chain.then("p" + i, null);
        }
        assertThat(chain.history())
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(6, 25).mapToObj(i -> "p" + i).toList());
        String half = "x".repeat(FollowUp.MAX_CHARS / 2);
        FollowUp large = NONE.then("old", null).then(half, null).then(half, null);
        assertThat(large.history()).containsExactly(half, half);
        String tooMuch = "x".repeat(FollowUp.MAX_CHARS + 1);
        assertThat(large.then(tooMuch, null).history()).containsExactly(tooMuch);
    }
}
