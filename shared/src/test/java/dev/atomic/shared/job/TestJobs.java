package dev.atomic.shared.job;

import dev.atomic.shared.verify.Checks;
import dev.atomic.shared.verify.Limits;
import dev.atomic.shared.verify.VerifyKind;
import dev.atomic.shared.verify.VerifyPolicy;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.jdbc.core.simple.JdbcClient;

/// Jobs as admission makes them.
public final class TestJobs {
    private static final JobId IDS = new JobId(Clock.systemUTC());

    private static final AtomicLong TURNS = new AtomicLong();

    private TestJobs() {}

    public static JobStore.NewJob job() {
        return job(Priority.NORMAL);
    }

    /// At a turn before or behind those of other priorities.
    public static JobStore.NewJob job(Priority priority) {
        long turn = TURNS.incrementAndGet() + (priority.rank() - Priority.NORMAL.rank()) * 1_000L;
        return job("default", priority, turn, Instant.now());
    }

    /// Without a turn of its own.
    public static JobStore.NewJob job(String tenant, Priority priority, Instant at) {
        return job(tenant, priority, 0, at);
    }

    private static JobStore.NewJob job(
            String tenant, Priority priority, long turn, Instant createdAt) {
        return new JobStore.NewJob(
                IDS.next(),
                tenant,
                "trace",
                new Job.Asked(Kind.GENERATE, priority, input(), 4, null, null),
                run(),
                createdAt,
                turn,
                null);
    }

    public static UUID admit(JobStore jobs) {
        JobStore.NewJob job = job();
        jobs.insert(List.of(job));
        return job.id();
    }

    public static JobInput input() {
        return new JobInput(
                "prompt",
                "python",
                null,
                Map.of("a", List.of(1, "x")),
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
    }

    public static JobInput.Run run() {
        return new JobInput.Run(
                VerifyKind.AUTO,
                List.of(),
                List.of(),
                "",
                new Limits(512, 1000, 60, 128),
                List.of(),
                Checks.NONE);
    }

    /// Gives a job without events or files another id, as if it had been admitted at another time.
    public static void rename(JdbcClient jdbc, UUID from, UUID to) {
        String input =
                jdbc.sql("select input from job_request where job_id = ?")
                        .param(from)
                        .query((row, _) -> row.getString("input"))
                        .single();
        jdbc.sql("delete from job_request where job_id = ?").param(from).update();
        jdbc.sql("update job set id = ? where id = ?").param(to).param(from).update();
        jdbc.sql(
                        """
                        insert into job_request (job_id, tenant_id, input)
                        select id, tenant_id, ? from job where id = ?
                        """)
                .param(input)
                .param(to)
                .update();
    }
}
