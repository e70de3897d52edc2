package dev.atomic.worker;

import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobId;
import dev.atomic.shared.job.JobInput;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.job.Limits;
import dev.atomic.shared.job.Priority;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.job.Usage;
import dev.atomic.shared.job.VerifyKind;
import dev.atomic.shared.job.VerifyPolicy;
import dev.atomic.worker.claim.Claim;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Claims of jobs as they stand after a first claim, without a database.
public final class TestClaims {
    private static final JobId IDS = new JobId(Clock.systemUTC());

    private TestClaims() {}

    public static UUID newId() {
        return IDS.next();
    }

    public static Claim claim() {
        Instant now = Instant.now();
        return new Claim(
                new Job(
                        newId(),
                        "default",
                        "trace",
                        Kind.GENERATE,
                        JobState.RUNNING,
                        Priority.NORMAL,
                        input(),
                        1,
                        4,
                        1,
                        0,
                        UUID.randomUUID(),
                        false,
                        2,
                        null,
                        Usage.NONE,
                        null,
                        null,
                        now,
                        now,
                        now.plusSeconds(900),
                        null,
                        now));
    }

    public static JobInput input() {
        return new JobInput(
                "prompt",
                "python",
                null,
                Map.of(),
                List.of(StageName.values()),
                VerifyPolicy.REQUIRED,
                null,
                null,
                null,
                null,
                2,
                900,
                new JobInput.Run(
                        VerifyKind.AUTO,
                        List.of(),
                        List.of(),
                        "",
                        new Limits(512, 1000, 60, 128),
                        List.of()));
    }
}
