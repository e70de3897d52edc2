package dev.atomic.shared.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PackedEventsTest {
    private static final UUID JOB = UUID.fromString("01990000-0000-7000-8000-000000000001");

    @Test
    void whatIsPackedComesBackAsItWas() {
        List<LoggedEvent> events =
                events("{}", "{\"delta\":\"é🙂\\u0007\\n<script>\"}", "{ \"a\" : 1 }");
        assertThat(PackedEvents.unpack(JOB, PackedEvents.pack(events))).isEqualTo(events);
    }

    @Test
    void aStreamedAnswerTakesASmallPartOfItsSize() {
        List<LoggedEvent> events = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            events.add(
                    event(
                            i + 5,
                            "{\"stage\":\"code\",\"round\":0,\"delta\":\"    return "
                                    + i
                                    + "\\n\",\"chunk_index\":"
                                    + i
                                    + "}"));
        }
        byte[] packed = PackedEvents.pack(events);
        assertThat(packed).hasSizeLessThan(20_000);
        assertThat(PackedEvents.unpack(JOB, packed)).isEqualTo(events);
    }

    @Test
    void damagedBytesAreNotTakenForEvents() {
        byte[] packed = PackedEvents.pack(events("{\"delta\":\"abcdefgh\"}"));
        for (int at = 0; at < packed.length; at++) {
            byte[] damaged = packed.clone();
            damaged[at] ^= 0x55;
            assertThatThrownBy(() -> PackedEvents.unpack(JOB, damaged))
                    .as("byte %d", at)
                    .isInstanceOf(UncheckedIOException.class);
        }
    }

    private static List<LoggedEvent> events(String... payloads) {
        List<LoggedEvent> events = new ArrayList<>();
        for (String payload : payloads) {
            events.add(event(events.size() + 7, payload));
        }
        return events;
    }

    private static LoggedEvent event(long seq, String payload) {
        return new LoggedEvent(
                JOB, seq, "chunk", Instant.parse("2026-11-26T12:00:00.123Z"), 2, payload);
    }
}
