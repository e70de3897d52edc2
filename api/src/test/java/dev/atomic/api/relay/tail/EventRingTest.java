package dev.atomic.api.relay.tail;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.event.LoggedEvent;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class EventRingTest {
    private static final UUID JOB = UUID.randomUUID();

    private final EventRing ring = new EventRing(10);

    @Test
    void whatLiesBeforeItIsInTheLogOnly() {
        assertThat(ring.behind(10, 9, 9_999)).isEmpty();
        assertThat(ring.behind(99, 9, 9_999)).isEmpty();
        assertThat(ring.behind(9, 9, 9_999)).isNull();
        ring.append(List.of(event(11), event(12)), 10_000);
        assertThat(ring.head()).isEqualTo(12);
        assertThat(ring.behind(9, 9, 9_999)).isNull();
        assertThat(ring.behind(10, 9, 9_999))
                .extracting(LoggedEvent::seq)
                .containsExactly(11L, 12L);
        assertThat(ring.behind(10, 1, 9_999)).extracting(LoggedEvent::seq).containsExactly(11L);
        assertThat(ring.behind(11, 9, 9_999)).extracting(LoggedEvent::seq).containsExactly(12L);
        assertThat(ring.behind(12, 9, 9_999)).isEmpty();
    }

    @Test
    void theOldestMakeRoom() {
        ring.append(List.of(event(11), event(12), event(13)), 450);
        assertThat(ring.behind(10, 9, 9_999)).isNull();
        assertThat(ring.behind(11, 9, 9_999))
                .extracting(LoggedEvent::seq)
                .containsExactly(12L, 13L);
        // Nothing fits: it is in the log still.
        ring.append(List.of(event(14)), 0);
        assertThat(ring.behind(13, 9, 9_999)).isNull();
        assertThat(ring.behind(14, 9, 9_999)).isEmpty();
    }

    @Test
    void aPageHasSoManyBytesButOneEventInAnyCase() {
        ring.append(List.of(event(11), event(12), event(13)), 10_000);
        assertThat(ring.behind(10, 9, 450)).extracting(LoggedEvent::seq).containsExactly(11L, 12L);
        assertThat(ring.behind(10, 9, 1)).extracting(LoggedEvent::seq).containsExactly(11L);
    }

    private static LoggedEvent event(long seq) {
        return new LoggedEvent(JOB, seq, "chunk", Instant.EPOCH, 1, "{}");
    }
}
