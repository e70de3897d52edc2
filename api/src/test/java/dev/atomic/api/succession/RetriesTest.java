package dev.atomic.api.succession;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.submission.Submission.Round;
import dev.atomic.shared.Json;
import dev.atomic.shared.checkpoint.Checkpoint;
import dev.atomic.shared.checkpoint.StageStatus;
import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobInput;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.job.Priority;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
import dev.atomic.shared.verify.VerifyPolicy;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// Which rounds of stages a retry doesn't do again.
class RetriesTest {
    private static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");
    private static final UUID ID = UUID.randomUUID();

    @Test
    void whatSucceededIsKeptAndWhatWasBrokenOffIsBegunAnew() {
        assertThat(
                        kept(
                                cancelled(),
                                round(StageName.SPEC, 0, StageStatus.SUCCEEDED),
                                round(StageName.CODE, 0, StageStatus.CANCELLED)))
                .containsExactly(new Round(StageName.SPEC, 0));
        assertThat(
                        kept(
                                failed("timeout"),
                                round(StageName.SPEC, 0, StageStatus.SUCCEEDED),
                                round(StageName.CODE, 0, StageStatus.SUCCEEDED),
                                verdict(0, VerificationStatus.PASSED),
                                round(StageName.DOCS, 0, StageStatus.FAILED)))
                .containsExactly(
                        new Round(StageName.SPEC, 0),
                        new Round(StageName.CODE, 0),
                        new Round(StageName.VERIFY, 0));
        assertThat(kept(cancelled())).isEmpty();
        assertThat(kept(cancelled(), running(StageName.SPEC))).isEmpty();
    }

    @Test
    void aVerdictThatSentTheCodeBackIsKeptSoThatTheRepairGoesOn() {
        assertThat(
                        kept(
                                cancelled(),
                                round(StageName.CODE, 0, StageStatus.SUCCEEDED),
                                verdict(0, VerificationStatus.FAILED),
                                round(StageName.CODE, 1, StageStatus.CANCELLED)))
                .containsExactly(new Round(StageName.CODE, 0), new Round(StageName.VERIFY, 0));
    }

    @Test
    void afterTheLastVerdictTheCodeIsWrittenAfresh() {
        List<Round> spec = List.of(new Round(StageName.SPEC, 0));
        Checkpoint[] all = {
            round(StageName.SPEC, 0, StageStatus.SUCCEEDED),
            round(StageName.CODE, 0, StageStatus.SUCCEEDED),
            verdict(0, VerificationStatus.FAILED),
            round(StageName.CODE, 1, StageStatus.SUCCEEDED),
            verdict(1, VerificationStatus.TIMED_OUT),
            round(StageName.CODE, 2, StageStatus.SUCCEEDED),
            verdict(2, VerificationStatus.FAILED),
        };
        assertThat(kept(failed("verification_failed"), all)).isEqualTo(spec);
        assertThat(kept(cancelled(), all)).as("cancelled right behind it").isEqualTo(spec);
        assertThat(
                        kept(
                                failed("verification_failed"),
                                round(StageName.SPEC, 0, StageStatus.SUCCEEDED),
                                round(StageName.CODE, 0, StageStatus.SUCCEEDED),
                                verdict(0, VerificationStatus.FAILED)))
                .as("a library that isn't there isn't asked for twice")
                .isEqualTo(spec);
    }

    @Test
    void aVerdictThatWasTakenAsItWasIsKept() {
        Job bestEffort =
                job(JobState.FAILED, "timeout", Kind.GENERATE, VerifyPolicy.BEST_EFFORT, 0);
        assertThat(
                        Retries.kept(
                                bestEffort,
                                List.of(
                                        round(StageName.CODE, 0, StageStatus.SUCCEEDED),
                                        verdict(0, VerificationStatus.FAILED),
                                        round(StageName.DOCS, 0, StageStatus.FAILED))))
                .containsExactly(new Round(StageName.CODE, 0), new Round(StageName.VERIFY, 0));
    }

    @Test
    void aRoundWithoutAnEngineIsDoneAgain() {
        assertThat(
                        kept(
                                failed("sandbox_unavailable"),
                                round(StageName.CODE, 0, StageStatus.SUCCEEDED),
                                verdict(0, VerificationStatus.SKIPPED)))
                .containsExactly(new Round(StageName.CODE, 0));
        assertThat(
                        Retries.kept(
                                job(
                                        JobState.FAILED,
                                        "sandbox_unavailable",
                                        Kind.EXECUTE,
                                        VerifyPolicy.REQUIRED,
                                        0),
                                List.of(verdict(0, VerificationStatus.SKIPPED))))
                .isEmpty();
    }

    private static List<Round> kept(Job job, Checkpoint... rounds) {
        return Retries.kept(job, List.of(rounds));
    }

    private static Job cancelled() {
        return job(JobState.CANCELLED, null, Kind.GENERATE, VerifyPolicy.REQUIRED, 2);
    }

    private static Job failed(String code) {
        return job(JobState.FAILED, code, Kind.GENERATE, VerifyPolicy.REQUIRED, 2);
    }

    private static Job job(
            JobState state, String error, Kind kind, VerifyPolicy policy, int repairs) {
        JobInput input =
                new JobInput(
                        "p",
                        "python",
                        null,
                        Map.of(),
                        List.of(StageName.values()),
                        policy,
                        null,
                        null,
                        null,
                        null,
                        repairs,
                        900,
                        null,
                        null);
        return new Job(
                ID,
                "default",
                "trace",
                new Job.Asked(kind, Priority.NORMAL, input, 4, null, null),
                new Job.Course(state, 1, 0, 1, null, false, 9),
                new Job.Result(
                        error == null
                                ? null
                                : new Failure(FailureCode.of(error), "m", null, false)),
                new Job.Times(AT, AT, AT, AT, AT));
    }

    private static Checkpoint running(StageName stage) {
        return new Checkpoint(
                ID,
                "default",
                stage,
                0,
                StageStatus.RUNNING,
                1,
                1,
                AT,
                null,
                1,
                null,
                null,
                null,
                Usage.NONE);
    }

    private static Checkpoint round(StageName stage, int round, StageStatus status) {
        return checkpoint(stage, round, status, null);
    }

    private static Checkpoint verdict(int round, VerificationStatus status) {
        String output =
                Json.write(Verification.skipped("r"))
                        .replace("\"skipped\"", '"' + status.wire() + '"');
        boolean passed = status == VerificationStatus.PASSED;
        return checkpoint(
                StageName.VERIFY,
                round,
                passed ? StageStatus.SUCCEEDED : StageStatus.FAILED,
                output);
    }

    private static Checkpoint checkpoint(
            StageName stage, int round, StageStatus status, String output) {
        return new Checkpoint(
                ID,
                "default",
                stage,
                round,
                status,
                1,
                1,
                AT,
                AT,
                1,
                output,
                null,
                null,
                new Usage(1, 1, null, false));
    }
}
