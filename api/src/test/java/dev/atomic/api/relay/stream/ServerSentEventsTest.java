package dev.atomic.api.relay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ServerSentEventsTest {
    @Test
    void anEventIsItsNumberTypeAndData() {
        assertThat(ServerSentEvents.format(7, "chunk", "{}"))
                .isEqualTo("id: 7\nevent: chunk\ndata: {}\n\n");
    }

    @Test
    void aLineEndInTheDataForgesNothing() {
        assertThat(ServerSentEvents.format(7, "chunk", "a\n\nevent: x\r\nid: 9\rb\n"))
                .isEqualTo(
                        """
                        id: 7
                        event: chunk
                        data: a
                        data:\s
                        data: event: x
                        data: id: 9
                        data: b
                        data:\s

                        """);
    }
}
