package dev.atomic.api.answer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.Json;
import dev.atomic.shared.checkpoint.Checkpoint;
import dev.atomic.shared.checkpoint.StageStatus;
import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.checkpoint.UsageStore.Paid;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.Origin;
import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobInput;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.job.Priority;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.verify.Evidence;
import dev.atomic.shared.verify.Limits;
import dev.atomic.shared.verify.TestResult;
import dev.atomic.shared.verify.TestsBy;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
import dev.atomic.shared.verify.VerifyPolicy;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobResourceTest {
    private static final UUID ID = UUID.fromString("01a2023f-098e-7328-812f-b9e61f149966");
    private static final Instant BEGAN = Instant.parse("2026-01-02T03:04:05.006Z");

    private static final List<Paid> PAID =
            List.of(
                    new Paid(StageName.DOCS, null, new Usage(0, 2, null, true)),
                    new Paid(StageName.CODE, "z", new Usage(4, 8, 0.25, false)),
                    new Paid(StageName.SPEC, "a", new Usage(2, 4, 0.5, false)),
                    new Paid(StageName.CODE, "a", new Usage(4, 6, 0.125, false)));

    @Test
    void theResourceIsAsItsGoldenFileSays() throws Exception {
        List<Checkpoint> rounds =
                List.of(
                        round(StageName.SPEC, 0, StageStatus.SUCCEEDED, 1, "a spec"),
                        round(StageName.CODE, 0, StageStatus.SUCCEEDED, 2, "an answer"),
                        round(StageName.VERIFY, 0, StageStatus.FAILED, 1, verdict(false)),
                        round(StageName.CODE, 1, StageStatus.SUCCEEDED, 1, "a better answer"),
                        round(StageName.VERIFY, 1, StageStatus.SUCCEEDED, 1, verdict(true)),
                        round(StageName.DOCS, 0, StageStatus.SUCCEEDED, 1, "docs"));
        List<FileStore.Entry> files =
                List.of(
                        new FileStore.Entry("data/é 1.csv", 3, "0".repeat(64), Origin.INPUT),
                        new FileStore.Entry("main.py", 812, "1".repeat(64), Origin.MODEL));
        JobResource resource =
                JobResources.resource(
                        job(JobState.SUCCEEDED, null),
                        rounds,
                        files,
                        PAID,
                        "print(1)\n",
                        null,
                        null);
        String json = Json.STORED.writerWithDefaultPrettyPrinter().writeValueAsString(resource);
        assertThat(Json.STORED.readTree(json)).isEqualTo(Json.STORED.readTree(golden()));
        assertThat(List.copyOf(Json.STORED.readTree(json).propertyNames()))
                .isEqualTo(List.copyOf(Json.STORED.readTree(golden()).propertyNames()));
    }

    @ParameterizedTest
    @CsvSource({
        "QUEUED, PENDING, PENDING",
        "RUNNING, RUNNING, PENDING",
        "FAILED, FAILED, SKIPPED",
        "CANCELLED, CANCELLED, SKIPPED"
    })
    void aStageThatBeganAndHasNoEndIsAsItsJob(
            JobState state, StageStatus begun, StageStatus notBegun) {
        Failure failure =
                state == JobState.FAILED
                        ? new Failure(FailureCode.INTERNAL, "m", StageName.SPEC, false)
                        : null;
        List<Checkpoint> rounds = List.of(round(StageName.SPEC, 0, StageStatus.RUNNING, 1, null));
        List<JobResource.Stage> stages = JobStages.of(job(state, failure), rounds);
        assertThat(stages.get(0).status()).isEqualTo(begun);
        assertThat(stages.get(0).finishedAt()).isNull();
        assertThat(stages.get(1).status()).isEqualTo(notBegun);
        assertThat(stages.get(1).runs()).isZero();
    }

    private static String golden() throws Exception {
        try (InputStream file = JobResourceTest.class.getResourceAsStream("/golden/job.json")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Job job(JobState state, Failure failure) {
        JobInput input =
                new JobInput(
                        "a todo list",
                        "python",
                        "flask",
                        Map.of("price", new BigDecimal("1.50")),
                        List.of(StageName.values()),
                        VerifyPolicy.REQUIRED,
                        null,
                        null,
                        null,
                        null,
                        2,
                        900,
                        null,
                        null);
        return new Job(
                ID,
                "default",
                "t",
                new Job.Asked(Kind.GENERATE, Priority.HIGH, input, 4, null, null),
                new Job.Course(state, 1, 0, 1, null, false, 42),
                new Job.Result(failure),
                new Job.Times(
                        BEGAN,
                        BEGAN.plusMillis(5),
                        BEGAN.plusSeconds(900),
                        state.isTerminal() ? BEGAN.plusSeconds(9) : null,
                        BEGAN.plusSeconds(10)));
    }

    private static Checkpoint round(
            StageName stage, int round, StageStatus status, int runs, String output) {
        Instant at = BEGAN.plusMillis(100L * stage.ordinal() + 1000L * round);
        boolean paid = stage == StageName.CODE;
        return new Checkpoint(
                ID,
                "default",
                stage,
                round,
                status,
                1,
                runs,
                at,
                status == StageStatus.RUNNING ? null : at.plusMillis(7),
                stage == StageName.VERIFY ? null : 2,
                output,
                paid ? "model-" + round : null,
                paid ? "provider" : null,
                Usage.NONE);
    }

    private static String verdict(boolean passed) {
        return Json.write(
                new Verification(
                        passed ? VerificationStatus.PASSED : VerificationStatus.FAILED,
                        new Verification.Proof(
                                "tests",
                                Evidence.REPORTED,
                                null,
                                new Verification.Tests(12, passed ? 0 : 1, TestsBy.CALLER),
                                List.of(
                                        new TestResult(
                                                "test_main.py::test_adds",
                                                TestResult.Status.PASSED)),
                                null,
                                passed ? 1.0 : 0.5),
                        new Verification.Ending(passed ? 0 : 1, null, null),
                        new Verification.Printed(
                                "12 passed", "", new Verification.Truncated(false, false)),
                        new Verification.Cost(412, 390L, 31_457_280L),
                        passed ? 1 : 0,
                        null,
                        List.of(),
                        Verification.Server.NONE,
                        null,
                        new Verification.Container(
                                "sha256:0",
                                new Limits(512, 1000, 60, 128),
                                Map.of("runtime", "runc"))));
    }
}
