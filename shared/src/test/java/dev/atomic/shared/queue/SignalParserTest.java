package dev.atomic.shared.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.queue.Signals.Signal;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignalParserTest {
    private final UUID one = UUID.randomUUID();
    private final UUID two = UUID.randomUUID();

    @Test
    void idsAreThoseJobs() {
        assertThat(SignalParser.parse(one + "," + two))
                .isEqualTo(new Signal(Set.of(one, two), false));
        assertThat(SignalParser.parse(one + ",," + one + ","))
                .isEqualTo(new Signal(Set.of(one), false));
    }

    @Test
    void nothingIsNoJob() {
        assertThat(SignalParser.parse("")).isEqualTo(new Signal(Set.of(), false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "x", "1-1-1-1-1", " ", "é", ";", "a,b,c"})
    void whatCannotBeReadIsEverything(String payload) {
        assertThat(SignalParser.parse(payload).everything()).isTrue();
        assertThat(SignalParser.parse(one + "," + payload))
                .isEqualTo(new Signal(Set.of(one), true));
    }
}
