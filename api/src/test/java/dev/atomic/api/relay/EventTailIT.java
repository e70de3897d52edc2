package dev.atomic.api.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.atomic.api.relay.tail.Bell;
import dev.atomic.api.relay.tail.EventCursor;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class EventTailIT extends LiveApi {
    @Test
    void theEndOfAJobIsAwaited() throws Exception {
        UUID id = worker.running();
        assertThat(tail.awaitTerminal(id, Duration.ZERO)).isFalse();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> waiting =
                    threads.submit(() -> tail.awaitTerminal(id, Duration.ofSeconds(20)));
            await().until(() -> tail.followers() > 0);
            worker.append(id, WorkerAtHand.chunks(0, "a"));
            worker.succeed(id);
            assertThat(waiting.get()).isTrue();
        }
        assertThat(tail.awaitTerminal(id, Duration.ZERO)).as("already ended").isTrue();
        assertThat(tail.awaitTerminal(UUID.randomUUID(), Duration.ZERO)).as("unknown").isFalse();
        await().until(() -> tail.followers() == 0);
    }

    /// Its sender died between commit and signal: the look of every second finds it.
    @Test
    void aLostSignalIsMadeUpFor() throws Exception {
        UUID id = worker.running();
        Bell bell = new Bell();
        try (EventCursor cursor = tail.follow(id, 2, 2, bell)) {
            worker.appendUnsignalled(id, WorkerAtHand.chunks(0, "a"));
            await().until(() -> !cursor.poll().isEmpty());
            assertThat(cursor.seen()).isEqualTo(3);
        }
    }
}
