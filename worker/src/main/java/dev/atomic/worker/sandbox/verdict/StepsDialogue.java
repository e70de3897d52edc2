package dev.atomic.worker.sandbox.verdict;

import dev.atomic.shared.file.SourceFile;
import dev.atomic.worker.sandbox.run.Batch;
import dev.atomic.worker.sandbox.run.Language;
import dev.atomic.worker.sandbox.run.OutputSink;
import dev.atomic.worker.sandbox.run.RunPlan;
import dev.atomic.worker.sandbox.run.RunnerRecord;
import dev.atomic.worker.sandbox.run.RunnerRequest;
import dev.atomic.worker.sandbox.run.SandboxRun;
import dev.atomic.worker.sandbox.run.Steering;
import dev.atomic.worker.sandbox.run.Step;
import java.util.List;

/// A run of fixed steps. What builds and runs a program is asked at once. Tests are asked step by
/// step, each in a workspace set back to the files as they were handed in: neither the program nor
/// an earlier test changes what the next one is. The caller's come first and without what the
/// program would steer them by; where they fail the model's aren't run.
public final class StepsDialogue implements RunDialogue {
    private final SandboxRun run;
    private final RunPlan.Steps plan;
    private final Transcript said;
    private final List<SourceFile> leftOut;
    private int begun;

    /// @param output gets what the program prints while it comes
    public StepsDialogue(SandboxRun run, RunPlan.Steps plan, OutputSink output) {
        this.run = run;
        this.plan = plan;
        this.said = new Transcript(plan.steps(), output);
        Language language = Language.of(run.language()).orElseThrow();
        List<Steering.LeftOut> steering =
                plan.callers() > 0 ? Steering.of(run, language) : List.of();
        steering.forEach(each -> said.leaveOut(each.file().path(), each.why()));
        this.leftOut = steering.stream().map(Steering.LeftOut::file).toList();
    }

    @Override
    public List<byte[]> request() {
        Batch first =
                new Batch()
                        .set("wall_ms", run.wallMs())
                        .set("kept_bytes", RunnerRequest.KEPT_BYTES)
                        .set("output_bytes", RunnerRequest.OUTPUT_BYTES)
                        .set("probe_ms", RunnerRequest.PROBE_MS)
                        .files(
                                run.files().stream()
                                        .filter(file -> !leftOut.contains(file))
                                        .toList());
        return next(first);
    }

    /// One step of tests, or all that is left.
    private List<byte[]> next(Batch batch) {
        int end = plan.isOfTests() ? begun + 1 : plan.steps().size();
        List<Step> steps = plan.steps().subList(begun, end);
        begun = end;
        batch.stdin(run.run().stdin()).steps(steps);
        return begun < plan.steps().size()
                ? batch.set("more", 1).encode()
                : batch.collect(run.run().collect()).encode();
    }

    @Override
    public List<byte[]> take(RunnerRecord record) {
        if (record instanceof RunnerRecord.BatchEnded) {
            return goOn();
        }
        said.take(record);
        return List.of();
    }

    private List<byte[]> goOn() {
        boolean isForTheModels = begun >= plan.callers();
        if (isCutShort() || (isForTheModels && haveCallersFailed())) {
            return new Batch().collect(run.run().collect()).encode();
        }
        Batch batch = new Batch().setBack();
        return next(isForTheModels ? batch.files(leftOut) : batch);
    }

    private boolean isCutShort() {
        return said.ends().size() < begun || !said.ends().getLast().limit().equals("none");
    }

    private boolean haveCallersFailed() {
        return said.ends().stream()
                .limit(plan.callers())
                .anyMatch(end -> !said.report(end.step()).isClean(end));
    }

    @Override
    public boolean isComplete() {
        return said.isComplete();
    }

    @Override
    public SandboxResult result(RunnerRecord.Ended end, Circumstances how) {
        return Verifications.of(run, plan.first(begun), said, end, how);
    }
}
