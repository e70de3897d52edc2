package dev.atomic.worker.sandbox.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atomic.shared.Variables;
import dev.atomic.shared.verify.Limits;
import dev.atomic.worker.sandbox.SandboxSettings;
import java.time.Clock;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// No two containers of an engine run as the same user, whichever workers made them.
@Tag("engine")
class UserIdsIT {
    private static final Limits LIMITS = new Limits(64, 1000, 5, 16);

    @Test
    void aUserThatAnotherWorkersContainerHasIsNotTaken() throws Exception {
        Iterator<Integer> draws = List.of(61_183, 61_183, 61_182).iterator();
        try (Engine one = engine(draws::next);
                Engine other = engine(draws::next);
                RunnerContainer _ =
                        one.create(LIMITS, "", Instant.now().plusSeconds(60), new Link.None());
                RunnerContainer _ =
                        other.create(LIMITS, "", Instant.now().plusSeconds(60), new Link.None())) {
            assertThat(draws).isExhausted();
        }
    }

    @Test
    void withNoneLeftNothingIsStartedAndNothingIsLeftBehind() throws Exception {
        try (Engine engine = engine(() -> 61_181);
                RunnerContainer first =
                        engine.create(LIMITS, "", Instant.now().plusSeconds(60), new Link.None())) {
            assertThatThrownBy(() ->
                            engine.create(
                                    LIMITS, "", Instant.now().plusSeconds(60), new Link.None()))
                    .isInstanceOf(EngineException.class)
                    .hasMessageContaining("no user");
            assertThat(engine.containers().stream().filter(engine::isOurs).map(Engine.Found::id))
                    .containsExactly(first.id());
        }
    }

    private static Engine engine(IntSupplier uids) {
        return new Engine(
                SandboxSettings.from(new Variables(System.getenv()), 1).engine(),
                UUID.randomUUID().toString(),
                Clock.systemUTC(),
                uids);
    }
}
