package dev.atomic.shared.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A failure's code on the wire and in the database.
class FailureCodeTest {
    @ParameterizedTest
    @EnumSource
    void itIsReadBackAsItWasWritten(FailureCode code) {
        Failure failure = Failure.of(code, "m", StageName.CODE);
        String json = Json.write(failure);
        assertThat(json)
                .isEqualTo(
                        "{\"code\":\"%s\",\"message\":\"m\",\"stage\":\"code\",\"retryable\":%s}"
                                .formatted(code.wire(), code.isRetryable()));
        assertThat(Json.read(json, Failure.class)).isEqualTo(failure);
    }

    @Test
    void whatAnotherVersionFailedAJobWithCanStillBeRead() {
        assertThat(
                        Json.read(
                                "{\"code\":\"of_a_later_version\",\"message\":\"m\",\"stage\":null,\"retryable\":true}",
                                Failure.class))
                .isEqualTo(new Failure(FailureCode.INTERNAL, "m", null, true));
    }

    @Test
    void anAgentSendsNoCodeThatIsTheWorkersToFind() {
        assertThat(FailureCode.ofAgent("no_model")).isEqualTo(FailureCode.NO_MODEL);
        assertThat(FailureCode.ofAgent("lost_too_often")).isEqualTo(FailureCode.INTERNAL);
        assertThat(FailureCode.ofAgent("<b>")).isEqualTo(FailureCode.INTERNAL);
    }
}
