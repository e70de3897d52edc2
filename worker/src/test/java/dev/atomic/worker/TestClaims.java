package dev.atomic.worker;

import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobId;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.job.Priority;
import dev.atomic.shared.job.TestJobs;
import dev.atomic.worker.claim.Claim;
import java.time.Clock;
import java.time.Instant;
import java.util.UUID;

/// Claims of jobs as they stand after a first claim, without a database.
public final class TestClaims {
    private static final JobId IDS = new JobId(Clock.systemUTC());

    private TestClaims() {}

    public static Claim claim() {
        Instant now = Instant.now();
        return new Claim(
                new Job(
                        IDS.next(),
                        "default",
                        "trace",
                        new Job.Asked(
                                Kind.GENERATE, Priority.NORMAL, TestJobs.input(), 4, null, null),
                        new Job.Course(JobState.RUNNING, 1, 0, 1, UUID.randomUUID(), false, 2),
                        new Job.Result(null),
                        new Job.Times(now, now, now.plusSeconds(900), null, now)));
    }
}
