package dev.atomic.api.submission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.ProblemException.FieldError;
import java.util.List;
import org.junit.jupiter.api.Test;

/// One key is one key over HTTP and WebSocket alike: what a header would change isn't taken.
class IdempotencyKeyTest {
    @Test
    void printableAsciiIsTaken() {
        for (String key : List.of("a", "roman-1", "a b~!", "\"x\"", "k".repeat(255))) {
            assertThatCode(() -> IdempotencyKey.check(key)).doesNotThrowAnyException();
        }
    }

    @Test
    void anythingElseIsRefusedByName() {
        for (String key :
                List.of(
                        "",
                        " ",
                        " a",
                        "a ",
                        "é",
                        "Ã©",
                        "a\u007f",
                        "a\tb",
                        "\u0000",
                        "€",
                        "😀",
                        "\ud800",
                        "k".repeat(256))) {
            ProblemException refusal =
                    catchThrowableOfType(ProblemException.class, () -> IdempotencyKey.check(key));
            assertThat(refusal).as(key).isNotNull();
            assertThat(refusal.status()).isEqualTo(400);
            assertThat(refusal.code()).isEqualTo("invalid_request");
            assertThat(refusal.errors())
                    .extracting(FieldError::field)
                    .containsExactly("Idempotency-Key");
        }
    }
}
