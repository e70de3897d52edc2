package dev.atomic.worker.sandbox.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// What is handed in for a container's input and what the transport reads of it.
class StdinFeedTest {
    @Test
    void inputIsHandedOnInOrderAndEnds() throws Exception {
        StdinFeed feed = new StdinFeed();
        feed.hand(new byte[] {1, 2, 3});
        feed.hand(new byte[0]);
        feed.hand(new byte[] {4});
        feed.end();
        byte[] two = new byte[2];
        assertThat(feed.read(two)).isEqualTo(2);
        assertThat(feed.read(two)).isEqualTo(1);
        assertThat(feed.read()).isEqualTo(4);
        assertThat(feed.read()).isEqualTo(-1);
        assertThat(feed.read(two)).isEqualTo(-1);
    }
}
