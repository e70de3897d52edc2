package dev.atomic.worker.pipeline;

import dev.atomic.shared.Json;
import dev.atomic.shared.checkpoint.Checkpoint;
import dev.atomic.shared.checkpoint.CheckpointStore;
import dev.atomic.shared.checkpoint.StageStatus;
import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.checkpoint.UsageStore;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.followup.FollowUp;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobInput;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.verify.Verification;
import dev.atomic.worker.claim.Claim;
import dev.atomic.worker.event.DatabaseOutage;
import dev.atomic.worker.event.EventWriter;
import dev.atomic.worker.event.WriteResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One run of one job's pipeline: what earlier stages gave, which round of code and verify it is
/// in, and the writing of a stage's beginning and end.
///
/// Not thread-safe: the job's own thread.
public final class PipelineRun {
    private final Claim claim;
    private final List<Checkpoint> known;
    private final @Nullable FollowUp start;
    private final CheckpointStore checkpoints;
    private final FileStore files;
    private final JobStore jobs;
    private final UsageStore usage;
    private final EventLog log;
    private final EventWriter writer;
    private final Spending spending;
    private int round;
    private @Nullable Verification failure;

    PipelineRun(
            Claim claim,
            List<Checkpoint> known,
            @Nullable FollowUp start,
            CheckpointStore checkpoints,
            FileStore files,
            JobStore jobs,
            UsageStore usage,
            EventLog log,
            EventWriter writer,
            Spending spending) {
        this.claim = claim;
        this.known = new ArrayList<>(known);
        this.start = start;
        this.checkpoints = checkpoints;
        this.files = files;
        this.jobs = jobs;
        this.usage = usage;
        this.log = log;
        this.writer = writer;
        this.spending = spending;
    }

    Claim claim() {
        return claim;
    }

    Job job() {
        return claim.job();
    }

    List<StageName> plan() {
        return job().asked().input().pipeline();
    }

    boolean isLast(StageName stage) {
        return plan().getLast() == stage;
    }

    /// 0, then one more for each repair.
    int round() {
        return round;
    }

    /// What the last round failed with; null in the first.
    @Nullable Verification failure() {
        return failure;
    }

    Spending spending() {
        return spending;
    }

    /// Whether code that didn't pass goes back to the model: as long as there are repairs left, but
    /// only once for a library that isn't there.
    boolean mayRepair(Verification verification) {
        boolean sameMissingAgain =
                "dependency_missing".equals(verification.reason())
                        && failure != null
                        && "dependency_missing".equals(failure.reason());
        return job().asked().kind() == Kind.GENERATE
                && plan().contains(StageName.CODE)
                && round < job().asked().input().maxRepairs()
                && !sameMissingAgain;
    }

    /// Goes into the next round.
    void repair(Verification failed) {
        round++;
        failure = failed;
    }

    /// Spec and docs are written once; code and verify once a round.
    int roundOf(StageName stage) {
        return stage == StageName.CODE || stage == StageName.VERIFY ? round : 0;
    }

    /// What a stage gave in this round, if it ended.
    Optional<Checkpoint> ended(StageName stage) {
        return known.stream()
                .filter(c -> c.stage() == stage && c.round() == roundOf(stage) && c.ended())
                .findFirst();
    }

    /// The text a stage gave last.
    Optional<String> output(StageName stage) {
        return known.stream()
                .filter(c -> c.stage() == stage && c.ended() && c.output() != null)
                .map(Checkpoint::output)
                .reduce((_, last) -> last)
                .map(String::valueOf);
    }

    /// What was asked before this follow-up, oldest first.
    List<String> history() {
        return start == null ? List.of() : start.history();
    }

    /// The specification this follow-up began with.
    Optional<String> specBefore() {
        return Optional.ofNullable(start).map(FollowUp::spec);
    }

    List<SourceFile> workspace() {
        return DatabaseOutage.outlast(
                claim, () -> files.read(job().id(), FileStore.Role.WORKSPACE));
    }

    /// What the run in the sandbox was asked.
    JobInput.Run asked() {
        return DatabaseOutage.outlast(claim, () -> jobs.run(job().id())).orElseThrow();
    }

    /// The same, if it has at most this many bytes.
    JobStore.ShortRun asked(int most) {
        return DatabaseOutage.outlast(claim, () -> jobs.run(job().id(), most)).orElseThrow();
    }

    /// Bytes of the cases that are read again to tell the model what failed.
    long sizeOfCases() {
        boolean told = failure != null && failure.proof().cases() != null;
        return told ? asked(0).bytes() : 0;
    }

    /// Bytes of what is to be run: [#workspace] and [#callersTests].
    long sizeToRun() {
        return DatabaseOutage.outlast(claim, () -> files.sizeToRun(job().id()));
    }

    List<SourceFile> callersTests() {
        return DatabaseOutage.outlast(claim, () -> files.read(job().id(), FileStore.Role.VERIFY));
    }

    /// The hashes of what is to be run, by path.
    Map<String, String> hashesToRun() {
        Map<String, String> hashes = new HashMap<>();
        for (FileStore.Role role : List.of(FileStore.Role.WORKSPACE, FileStore.Role.VERIFY)) {
            DatabaseOutage.outlast(claim, () -> files.list(job().id(), role))
                    .forEach(file -> hashes.put(file.path(), file.sha256()));
        }
        return hashes;
    }

    FileStore files() {
        return files;
    }

    EventWriter writer() {
        return writer;
    }

    /// Writes that a stage begins; what an earlier run of this round streamed is void, and paid.
    ///
    /// @return false when the claim is lost
    boolean begin(StageName stage) {
        return beginMeanwhile(stage).join() == WriteResult.WRITTEN;
    }

    /// As [#begin], for a stage that has something else to do before it gives anything.
    CompletableFuture<WriteResult> beginMeanwhile(StageName stage) {
        int of = roundOf(stage);
        Optional<Checkpoint> broken =
                known.stream()
                        .filter(c -> c.stage() == stage && c.round() == of && !c.ended())
                        .findAny();
        List<JobEvent> events = new ArrayList<>();
        Usage lost = Usage.NONE;
        if (broken.isPresent()) {
            boolean counted = broken.get().status() == StageStatus.PENDING;
            events.add(new JobEvent.StageReset(stage, counted ? "retry" : "crash"));
            lost = counted ? Usage.NONE : LostUsage.of(claim, log, stage, of);
        }
        events.add(new JobEvent.StageStarted(stage, of));
        Usage paid = lost;
        return writer.commitMeanwhile(
                claim,
                events,
                at -> {
                    checkpoints.begin(job(), stage, of, promptVersion(stage), at);
                    usage.add(job(), new UsageStore.Paid(stage, null, paid));
                });
    }

    /// Voids the answer a stage has and begins it again; what the answer cost is counted.
    ///
    /// @return false when the claim is lost
    boolean beginAgain(StageName stage, StageOutput unclear) {
        int of = roundOf(stage);
        WriteResult result =
                writer.commit(
                        claim,
                        List.of(
                                new JobEvent.StageReset(stage, "retry"),
                                new JobEvent.StageStarted(stage, of)),
                        at -> {
                            checkpoints.begin(job(), stage, of, promptVersion(stage), at);
                            usage.add(
                                    job(),
                                    new UsageStore.Paid(
                                            stage, unclear.provider(), unclear.usage()));
                        });
        return result == WriteResult.WRITTEN;
    }

    private static @Nullable Integer promptVersion(StageName stage) {
        return stage == StageName.VERIFY ? null : PromptTemplate.VERSION;
    }

    /// Writes a stage's checkpoint with its `stage_completed`, in one transaction.
    ///
    /// @param before events that precede it, in the same transaction
    /// @param after events that follow it, in the same transaction
    /// @param change rows that change with it
    /// @return false when the claim is lost
    boolean end(
            StageName stage,
            StageStatus status,
            Duration duration,
            StageOutput output,
            List<JobEvent> before,
            List<JobEvent> after,
            Consumer<Instant> change) {
        int of = roundOf(stage);
        List<JobEvent> events = new ArrayList<>(before);
        events.add(completed(stage, status, duration, output));
        events.addAll(after);
        WriteResult result =
                writer.commit(
                        claim,
                        events,
                        at -> {
                            save(stage, of, status, at, output);
                            change.accept(at);
                        });
        remember(stage, of, status, output);
        return result == WriteResult.WRITTEN;
    }

    /// Has a stage's checkpoint and its `stage_completed` written with the job's last event: for
    /// the stage after which the job ends. That is one commit fewer to wait for.
    ///
    /// @param before events that precede it, in the same transaction
    /// @param change rows that change with it
    void endWithJob(
            StageName stage,
            StageStatus status,
            Duration duration,
            StageOutput output,
            List<JobEvent> before,
            Consumer<Instant> change) {
        int of = roundOf(stage);
        List<JobEvent> events = new ArrayList<>(before);
        events.add(completed(stage, status, duration, output));
        claim.ending(
                new Claim.Ending(
                        List.copyOf(events),
                        at -> {
                            save(stage, of, status, at, output);
                            change.accept(at);
                        }));
        remember(stage, of, status, output);
    }

    private JobEvent completed(
            StageName stage, StageStatus status, Duration duration, StageOutput output) {
        return new JobEvent.StageCompleted(
                stage, roundOf(stage), status, duration.toMillis(), output.usage());
    }

    /// What a stage gave.
    ///
    /// @param text the model's answer, or the verdict as JSON
    record StageOutput(
            @Nullable String text, @Nullable String model, @Nullable String provider, Usage usage) {
        static final StageOutput NOTHING = new StageOutput(null, null, null, Usage.NONE);

        static StageOutput of(Verification verification) {
            return new StageOutput(Json.write(verification), null, null, Usage.NONE);
        }
    }

    /// Has what a stage cost counted when the job is given back to be tried again.
    void breakOff(StageName stage, StageOutput broken) {
        int of = roundOf(stage);
        claim.ending(
                new Claim.Ending(
                        List.of(),
                        _ -> {
                            checkpoints.breakOff(job().id(), stage, of);
                            usage.add(
                                    job(),
                                    new UsageStore.Paid(stage, broken.provider(), broken.usage()));
                        }));
    }

    /// Has what a stage had and cost kept with the job's last event, if the job ends in the midst
    /// of it.
    void saveWithJob(StageName stage, StageStatus status, StageOutput output) {
        if (output.equals(StageOutput.NOTHING)) {
            return;
        }
        int of = roundOf(stage);
        claim.ending(new Claim.Ending(List.of(), at -> save(stage, of, status, at, output)));
    }

    private void save(StageName stage, int of, StageStatus status, Instant at, StageOutput output) {
        checkpoints.end(
                job().id(),
                stage,
                of,
                status,
                at,
                output.text(),
                output.model(),
                output.provider(),
                output.usage());
        usage.add(job(), new UsageStore.Paid(stage, output.provider(), output.usage()));
    }

    private void remember(StageName stage, int of, StageStatus status, StageOutput output) {
        known.removeIf(c -> c.stage() == stage && c.round() == of);
        known.add(
                new Checkpoint(
                        job().id(),
                        job().tenantId(),
                        stage,
                        of,
                        status,
                        job().course().attempt(),
                        1,
                        Instant.EPOCH,
                        Instant.EPOCH,
                        promptVersion(stage),
                        output.text(),
                        output.model(),
                        output.provider(),
                        output.usage()));
    }
}
