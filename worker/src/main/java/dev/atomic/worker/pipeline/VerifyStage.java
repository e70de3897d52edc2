package dev.atomic.worker.pipeline;

import dev.atomic.shared.Json;
import dev.atomic.shared.checkpoint.Checkpoint;
import dev.atomic.shared.checkpoint.StageStatus;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.file.FilePath;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.Origin;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobInput;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.job.Outcome;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.verify.CaseResult;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerifyPolicy;
import dev.atomic.worker.claim.Claim;
import dev.atomic.worker.event.WriteResult;
import dev.atomic.worker.memory.JobMemory;
import dev.atomic.worker.sandbox.Sandbox;
import dev.atomic.worker.sandbox.run.OutputSink;
import dev.atomic.worker.sandbox.run.SandboxRun;
import dev.atomic.worker.sandbox.verdict.SandboxResult;
import dev.atomic.worker.telemetry.WorkerMeters;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Runs the code in the sandbox and decides what its verdict means for the job: on, back to the
/// code stage, or out.
public final class VerifyStage implements Stage {
    /// How long an engine that is away is waited for.
    private static final Duration ENGINE_WAIT = Duration.ofSeconds(30);

    private static final Duration ENGINE_AGAIN = Duration.ofMillis(500);

    /// What the program's output and the verdict may take, in addition to its files.
    private static final long OUTPUT_BYTES = 6 << 20;

    /// Files that come back, as the runner's records and as what is made of them.
    private static final long COLLECTED_BYTES = 2L * FilePath.MAX_TOTAL_BYTES;

    /// What was asked is read at once if it has no more bytes.
    private static final int SHORT_RUN = 64 << 10;

    /// As the database gives it, as ours, and what is sent of it.
    private static final long COPIES_OF_RUN = 6;

    /// What one case printed, as bytes and as text, while it is compared.
    private static final long COMPARED_BYTES = 12 << 20;

    /// A MiB of JSON as a tree.
    private static final long JSON_BYTES = 48 << 20;

    private final Sandbox sandbox;
    private final JobMemory memory;
    private final WorkerMeters meters;

    public VerifyStage(Sandbox sandbox, JobMemory memory, WorkerMeters meters) {
        this.sandbox = sandbox;
        this.memory = memory;
        this.meters = meters;
    }

    @Override
    public StageName name() {
        return StageName.VERIFY;
    }

    @Override
    public StageResult run(PipelineRun run) {
        var checkpoint = run.ended(StageName.VERIFY);
        if (checkpoint.isPresent()) {
            return resumed(run, checkpoint.get());
        }
        if (run.claim().stopReason() != null) {
            return stopped(run);
        }
        // Committed while the files are read and the program starts: if the claim is lost, that
        // stops the run, and nothing of it is written.
        CompletableFuture<WriteResult> begun = run.beginMeanwhile(StageName.VERIFY);
        JobStore.ShortRun asked = run.asked(SHORT_RUN);
        Optional<JobMemory.Share> share = memory.take(needed(run, asked), run.claim());
        if (share.isEmpty()) {
            return stopped(run);
        }
        try (JobMemory.Share _ = share.get()) {
            return runAndDecide(run, asked.run() == null ? run.asked() : asked.run(), begun);
        }
    }

    /// Files are read whole before they are sent: once as the database gives them, once as ours.
    /// What is long isn't read before there is room for it, and so may ask for anything.
    private static long needed(PipelineRun run, JobStore.ShortRun asked) {
        JobInput.Run known = asked.run();
        return 2 * run.sizeToRun()
                + COPIES_OF_RUN * asked.bytes()
                + OUTPUT_BYTES
                + (known == null || !known.collect().isEmpty() ? COLLECTED_BYTES : 0)
                + (known == null || known.checks().isComparing() ? COMPARED_BYTES : 0)
                + (known == null || known.checks().hasJson() ? JSON_BYTES : 0);
    }

    private StageResult runAndDecide(
            PipelineRun run, JobInput.Run asked, CompletableFuture<WriteResult> begun) {
        long started = System.nanoTime();
        Claim claim = run.claim();
        SandboxResult result =
                claim.within(
                        claim.span().call("sandbox"),
                        span -> {
                            SandboxResult came = runWhenThereIsAnEngine(run, asked);
                            Spans.ran(span, came);
                            return came;
                        });
        Duration took = Duration.ofNanos(System.nanoTime() - started);
        if (begun.join() != WriteResult.WRITTEN) {
            return new StageResult.Stop(new Outcome.Fenced());
        }
        return switch (result) {
            case SandboxResult.Verdict verdict -> decide(run, asked, verdict, took);
            case SandboxResult.Cancelled() -> stopped(run);
            case SandboxResult.Unavailable(String message) ->
                    withoutVerdict(
                            run,
                            took,
                            "engine_unavailable",
                            Failure.of(
                                    FailureCode.SANDBOX_UNAVAILABLE,
                                    "no Docker engine to run the code: " + message,
                                    StageName.VERIFY));
            case SandboxResult.Unsupported(String language) ->
                    withoutVerdict(
                            run,
                            took,
                            "unsupported_language",
                            Failure.of(
                                    FailureCode.UNSUPPORTED_LANGUAGE,
                                    "the sandbox has no runtime for "
                                            + language
                                            + "; set verify.policy to best_effort to get the code unverified",
                                    StageName.VERIFY));
        };
    }

    private SandboxResult runWhenThereIsAnEngine(PipelineRun run, JobInput.Run asked) {
        SandboxRun what = toRun(run, asked);
        long giveUp = System.nanoTime() + ENGINE_WAIT.toNanos();
        while (true) {
            SandboxResult result = sandbox.run(what, new Told(run, run.round()), run.claim());
            if (!(result instanceof SandboxResult.Unavailable) || System.nanoTime() > giveUp) {
                return result;
            }
            if (run.claim().awaitStop(ENGINE_AGAIN)) {
                return new SandboxResult.Cancelled();
            }
        }
    }

    /// Puts into the log what comes out of the sandbox.
    private record Told(PipelineRun run, int round) implements OutputSink {
        @Override
        public void output(String stream, String text) {
            run.writer().output(run.claim(), stream, round, text);
        }

        @Override
        public void ended(CaseResult result) {
            run.writer().ended(run.claim(), round, result);
        }

        @Override
        public void judging() {
            run.writer().judging(run.claim(), round);
        }
    }

    private static SandboxRun toRun(PipelineRun run, JobInput.Run asked) {
        Job job = run.job();
        List<SourceFile> callers = run.callersTests();
        List<SourceFile> files = withCallersTests(run.workspace(), callers);
        // Who executes files and hands in no tests apart has handed in all there is.
        List<SourceFile> handedIn =
                job.asked().kind() == Kind.EXECUTE && callers.isEmpty() ? files : callers;
        Set<String> keys =
                handedIn.stream()
                        .map(file -> FilePath.key(file.path()))
                        .collect(Collectors.toUnmodifiableSet());
        return new SandboxRun(job.id(), job.asked().input().language(), files, keys, asked);
    }

    /// The job's files, with the caller's tests in place of the others of the same path.
    static List<SourceFile> withCallersTests(List<SourceFile> job, List<SourceFile> callers) {
        Map<String, SourceFile> files = new LinkedHashMap<>();
        job.forEach(file -> files.put(FilePath.key(file.path()), file));
        callers.forEach(file -> files.put(FilePath.key(file.path()), file));
        return List.copyOf(files.values());
    }

    private StageResult decide(
            PipelineRun run, JobInput.Run asked, SandboxResult.Verdict verdict, Duration took) {
        Verification verification = verdict.verification().withRepairs(run.round());
        boolean passed = verification.passed();
        boolean repair = !passed && run.mayRepair(verification);
        List<JobEvent> before = new ArrayList<>();
        Consumer<Instant> keep = _ -> {};
        for (SourceFile file : changed(run, asked, verdict.collected())) {
            before.add(fileEvent(file, run.round()));
            keep =
                    keep.andThen(_ ->
                            run.files()
                                    .put(
                                            run.job().tenantId(),
                                            run.job().id(),
                                            FileStore.Role.WORKSPACE,
                                            file,
                                            Origin.RUN));
        }
        before.add(JobEvent.Verified.of(verification, run.round()));
        StageStatus status = passed ? StageStatus.SUCCEEDED : StageStatus.FAILED;
        PipelineRun.StageOutput output = PipelineRun.StageOutput.of(verification);
        boolean goesOn = passed || provedIsNotRequired(run.job());
        if (!repair && (!goesOn || run.isLast(StageName.VERIFY))) {
            run.endWithJob(StageName.VERIFY, status, took, output, before, keep);
            meters.verified(verification);
            return next(run, verification, false);
        }
        boolean held =
                run.end(
                        StageName.VERIFY,
                        status,
                        took,
                        output,
                        before,
                        repair
                                ? List.of(new JobEvent.StageReset(StageName.CODE, "repair"))
                                : List.of(),
                        keep);
        if (!held) {
            return stopped(run);
        }
        meters.verified(verification);
        return next(run, verification, repair);
    }

    private static List<SourceFile> changed(
            PipelineRun run, JobInput.Run asked, List<SourceFile> collected) {
        return collected.isEmpty()
                ? collected
                : ChangedFiles.among(collected, run.hashesToRun(), asked.checks().cases());
    }

    private static StageResult resumed(PipelineRun run, Checkpoint checkpoint) {
        if (checkpoint.status() == StageStatus.SKIPPED) {
            return new StageResult.Continue();
        }
        Verification verification =
                Json.read(Objects.requireNonNull(checkpoint.output()), Verification.class);
        return next(run, verification, false);
    }

    private static StageResult next(PipelineRun run, Verification verification, boolean repair) {
        if (repair) {
            run.repair(verification);
            return new StageResult.Repair();
        }
        if (verification.passed() || provedIsNotRequired(run.job())) {
            return new StageResult.Continue();
        }
        return new StageResult.Stop(
                new Outcome.Failed(
                        Failure.of(
                                FailureCode.VERIFICATION_FAILED,
                                "the code did not pass: "
                                        + verification.status().wire()
                                        + (verification.reason() == null
                                                ? ""
                                                : " (" + verification.reason() + ")")
                                        + afterRepairs(run.round()),
                                StageName.VERIFY)));
    }

    private static String afterRepairs(int count) {
        return switch (count) {
            case 0 -> "";
            case 1 -> " after 1 repair";
            default -> " after " + count + " repairs";
        };
    }

    private StageResult withoutVerdict(
            PipelineRun run, Duration took, String reason, Failure failure) {
        // Without a verdict an execute job has nothing to show.
        boolean goesOn =
                run.job().asked().kind() == Kind.GENERATE
                        && run.job().asked().input().policy() == VerifyPolicy.BEST_EFFORT;
        Verification skipped = Verification.skipped(reason).withRepairs(run.round());
        boolean held =
                run.end(
                        StageName.VERIFY,
                        goesOn ? StageStatus.SKIPPED : StageStatus.FAILED,
                        took,
                        PipelineRun.StageOutput.of(skipped),
                        List.of(JobEvent.Verified.of(skipped, run.round())),
                        List.of(),
                        _ -> {});
        if (!held) {
            return stopped(run);
        }
        meters.verified(skipped);
        return goesOn
                ? new StageResult.Continue()
                : new StageResult.Stop(new Outcome.Failed(failure));
    }

    /// An execute job is done once there is a verdict, whatever it is.
    private static boolean provedIsNotRequired(Job job) {
        return job.asked().kind() == Kind.EXECUTE
                || job.asked().input().policy() == VerifyPolicy.BEST_EFFORT;
    }

    private static JobEvent.File fileEvent(SourceFile file, int round) {
        return new JobEvent.File(
                file.path(), file.content().length, FileStore.sha256(file.content()), round);
    }

    private static StageResult stopped(PipelineRun run) {
        return Stops.result(run, StageName.VERIFY, PipelineRun.StageOutput.NOTHING);
    }
}
