package dev.atomic.api.openai.fold;

import dev.atomic.shared.Json;
import dev.atomic.shared.checkpoint.StageStatus;
import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.event.LoggedEvent;
import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.verify.Evidence;
import dev.atomic.shared.verify.TestsBy;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// An event log of each kind.
public final class JobLogs {
    static final UUID ID = UUID.fromString("01a20267-d8c1-73b7-b2fb-1dbbc62deda4");

    private final List<JobEvent> events = new ArrayList<>();

    public static Map<String, List<JobEvent>> each() {
        Map<String, List<JobEvent>> logs = new LinkedHashMap<>();
        logs.put(
                "plain",
                begun().spec().code(0).verify(0, true).docs().end(new JobEvent.Succeeded()));
        logs.put(
                "repaired",
                begun().spec()
                        .code(0)
                        .verify(0, false)
                        .repair()
                        .code(1)
                        .verify(1, true)
                        .docs()
                        .end(new JobEvent.Succeeded()));
        logs.put(
                "best effort",
                begun().spec().code(0).verify(0, false).docs().end(new JobEvent.Succeeded()));
        logs.put(
                "lost in spec",
                begun().halfSpec()
                        .lost(StageName.SPEC)
                        .spec()
                        .code(0)
                        .verify(0, true)
                        .end(new JobEvent.Succeeded()));
        logs.put(
                "lost in verify",
                begun().spec()
                        .code(0)
                        .halfVerify()
                        .lost(StageName.VERIFY)
                        .verify(0, true)
                        .docs()
                        .end(new JobEvent.Succeeded()));
        logs.put(
                "retried",
                begun().halfSpec()
                        .retried()
                        .spec()
                        .code(0)
                        .verify(0, true)
                        .end(new JobEvent.Succeeded()));
        logs.put("cancelled", begun().halfSpec().end(new JobEvent.Cancelled()));
        logs.put(
                "cancelled in verify",
                begun().spec().code(0).halfVerify().end(new JobEvent.Cancelled()));
        logs.put(
                "cancelled while waiting",
                new JobLogs().add(new JobEvent.Queued(1)).end(new JobEvent.Cancelled()));
        logs.put("failed", begun().spec().code(0).verify(0, false).end(failed()));
        logs.put(
                "long",
                begun().manyChunks(19_000).code(0).verify(0, true).end(new JobEvent.Succeeded()));
        logs.put(
                "long code",
                begun().spec()
                        .manyCodeChunks(19_950)
                        .verify(0, true)
                        .end(new JobEvent.Succeeded()));
        return logs;
    }

    static List<LoggedEvent> logged(List<JobEvent> events) {
        List<LoggedEvent> logged = new ArrayList<>();
        for (JobEvent event : events) {
            Instant at = Instant.ofEpochSecond(1_800_000_000L + logged.size());
            logged.add(
                    new LoggedEvent(ID, logged.size() + 1, event.type(), at, 1, Json.write(event)));
        }
        return logged;
    }

    private static JobLogs begun() {
        return new JobLogs().add(new JobEvent.Queued(1)).add(new JobEvent.Started("worker-1"));
    }

    private JobLogs add(JobEvent event) {
        events.add(event);
        return this;
    }

    private List<JobEvent> end(JobEvent event) {
        return add(event).events;
    }

    private JobLogs started(StageName stage, int round) {
        return add(new JobEvent.StageStarted(stage, round));
    }

    private JobLogs completed(StageName stage, int round, StageStatus status) {
        return add(new JobEvent.StageCompleted(stage, round, status, 5, Usage.NONE));
    }

    private JobLogs halfSpec() {
        return started(StageName.SPEC, 0)
                .add(new JobEvent.Chunk(StageName.SPEC, 0, "I wonder", 0, true))
                .add(new JobEvent.Chunk(StageName.SPEC, 0, "# A spec ", 1));
    }

    private JobLogs spec() {
        return halfSpec()
                .add(new JobEvent.Chunk(StageName.SPEC, 0, "é\ud83d\ude00", 2))
                .completed(StageName.SPEC, 0, StageStatus.SUCCEEDED);
    }

    private JobLogs manyChunks(int count) {
        started(StageName.SPEC, 0);
        for (int i = 0; i < count; i++) {
            add(new JobEvent.Chunk(StageName.SPEC, 0, "word " + i + " ", i));
        }
        return completed(StageName.SPEC, 0, StageStatus.SUCCEEDED);
    }

    private JobLogs manyCodeChunks(int count) {
        started(StageName.CODE, 0);
        for (int i = 0; i < count; i++) {
            add(new JobEvent.Chunk(StageName.CODE, 0, "word " + i + " ", i));
        }
        return completed(StageName.CODE, 0, StageStatus.SUCCEEDED);
    }

    private JobLogs code(int round) {
        return started(StageName.CODE, round)
                .add(new JobEvent.Chunk(StageName.CODE, round, "round" + round, 0))
                .add(new JobEvent.File("main.py", 3, "00", round))
                .completed(StageName.CODE, round, StageStatus.SUCCEEDED);
    }

    private JobLogs halfVerify() {
        return started(StageName.VERIFY, 0).add(new JobEvent.SandboxOutput("stdout", "half", 0));
    }

    private JobLogs verify(int round, boolean passes) {
        return started(StageName.VERIFY, round)
                .add(new JobEvent.SandboxOutput("stdout", "ran " + round, round))
                .add(JobEvent.Verified.of(verdict(passes), round))
                .completed(
                        StageName.VERIFY,
                        round,
                        passes ? StageStatus.SUCCEEDED : StageStatus.FAILED);
    }

    private JobLogs repair() {
        return add(new JobEvent.StageReset(StageName.CODE, "repair"));
    }

    private JobLogs docs() {
        return started(StageName.DOCS, 0)
                .add(new JobEvent.Chunk(StageName.DOCS, 0, "docs", 0))
                .completed(StageName.DOCS, 0, StageStatus.SUCCEEDED);
    }

    private JobLogs lost(StageName stage) {
        return add(new JobEvent.Retrying("worker_lost", null, 0))
                .add(new JobEvent.Started("worker-2"))
                .add(new JobEvent.StageReset(stage, "crash"));
    }

    private JobLogs retried() {
        return add(new JobEvent.StageReset(StageName.SPEC, "retry"))
                .add(new JobEvent.Retrying("overloaded", "busy", 2000))
                .add(new JobEvent.Started("worker-1"));
    }

    static JobEvent.Failed failed() {
        return new JobEvent.Failed(
                Failure.of(
                        FailureCode.VERIFICATION_FAILED,
                        "the code did not pass",
                        StageName.VERIFY));
    }

    static Verification verdict(boolean passes) {
        Verification none =
                Verification.unrun(
                        passes ? VerificationStatus.PASSED : VerificationStatus.FAILED,
                        new Verification.Proof(
                                "tests",
                                Evidence.ISOLATED,
                                null,
                                new Verification.Tests(12, passes ? 0 : 3, TestsBy.MODEL),
                                List.of(),
                                null,
                                passes ? 1.0 : 0.75),
                        "tests_failed",
                        Verification.Container.NONE);
        return none;
    }
}
