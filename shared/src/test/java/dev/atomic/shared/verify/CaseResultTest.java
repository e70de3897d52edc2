package dev.atomic.shared.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.Json;
import dev.atomic.shared.event.JobEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class CaseResultTest {
    private static final CaseResult RESULT =
            new CaseResult("n", VerificationStatus.FAILED, 1, null, 2, 3L, "out", "diff");

    @Test
    void aTextIsCutToItsBytesAndNeverInACharacter() {
        assertThat(CaseResult.beginning("a".repeat(4096))).isEqualTo("a".repeat(4096));
        for (String unit : List.of("a", "é", "€", "😀", "a😀")) {
            String cut = CaseResult.beginning(unit.repeat(5_000));
            assertThat(cut).endsWith("…");
            assertThat(cut.getBytes(StandardCharsets.UTF_8))
                    .hasSizeBetween(4_089, CaseResult.MAX_BYTES);
            assertThat(unit.repeat(5_000)).startsWith(cut.substring(0, cut.length() - 1));
            assertThat(Character.isHighSurrogate(cut.charAt(cut.length() - 2))).isFalse();
        }
    }

    @Test
    void itsEventIsAnEntryOfTheResourceWithItsRound() {
        assertThat(Json.write(new JobEvent.Case(1, RESULT)))
                .isEqualTo(
                        "{\"round\":1,\"name\":\"n\",\"status\":\"failed\",\"exit_code\":1,\"signal\":null,"
                                + "\"duration_ms\":2,\"peak_memory_bytes\":3,\"stdout\":\"out\",\"diff\":\"diff\"}");
    }

    @Test
    void theVerdictsEventHasNoTexts() {
        Verification.Proof proof =
                new Verification.Proof(
                        "cases", Evidence.OBSERVED, null, null, null, List.of(RESULT), 0.0);
        Verification verification =
                Verification.unrun(
                        VerificationStatus.FAILED, proof, "x", Verification.Container.NONE);
        assertThat(Json.write(JobEvent.Verified.of(verification, 0)))
                .contains("\"stdout\":null,\"diff\":null")
                .doesNotContain("\"out\"");
        assertThat(Json.read(Json.write(verification), Verification.class)).isEqualTo(verification);
    }
}
