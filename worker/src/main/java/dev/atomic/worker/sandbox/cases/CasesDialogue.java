package dev.atomic.worker.sandbox.cases;

import dev.atomic.shared.verify.Case;
import dev.atomic.shared.verify.CaseResult;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
import dev.atomic.worker.sandbox.compare.Bytes;
import dev.atomic.worker.sandbox.run.Batch;
import dev.atomic.worker.sandbox.run.Language;
import dev.atomic.worker.sandbox.run.OutputSink;
import dev.atomic.worker.sandbox.run.RunPlan;
import dev.atomic.worker.sandbox.run.RunnerRecord;
import dev.atomic.worker.sandbox.run.RunnerRequest;
import dev.atomic.worker.sandbox.run.SandboxRun;
import dev.atomic.worker.sandbox.run.Step;
import dev.atomic.worker.sandbox.verdict.CaseResults;
import dev.atomic.worker.sandbox.verdict.MissingImports;
import dev.atomic.worker.sandbox.verdict.RunDialogue;
import dev.atomic.worker.sandbox.verdict.SandboxResult;
import dev.atomic.worker.sandbox.verdict.Transcript;
import dev.atomic.worker.sandbox.verdict.Verdict;
import dev.atomic.worker.sandbox.verdict.Verifications;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A program that is built once, and then started for one case after the other, each in a workspace
/// set back to the program's files. What is expected stays on this side: when it is a case's turn,
/// the runner gets its arguments, input and files and nothing else.
public final class CasesDialogue implements RunDialogue {
    private static final int NO_SUCH_FILE = 2;

    private final SandboxRun run;
    private final RunPlan.Cases plan;
    private final List<Case> cases;
    private final Transcript said;
    private final CaseResults results;
    private Bytes stdout = kept();
    private Bytes stderr = kept();
    private List<String> missing = List.of();
    private RunnerRecord.@Nullable StepEnded last;
    private int begun;
    private @Nullable String notStarted;

    /// @param output gets what the program prints, and each case as it ends
    public CasesDialogue(SandboxRun run, RunPlan.Cases plan, OutputSink output) {
        this.run = run;
        this.plan = plan;
        this.cases = run.run().checks().cases();
        List<Step> steps = new ArrayList<>(plan.build());
        steps.addAll(Collections.nCopies(cases.size(), Step.of(Step.Kind.RUN, plan.argv())));
        this.said = new Transcript(steps, output);
        this.results = new CaseResults("cases", cases.stream().map(Case::name).toList(), output);
    }

    private static Bytes kept() {
        return new Bytes(RunnerRequest.KEPT_BYTES);
    }

    @Override
    public List<byte[]> request() {
        return limits(new Batch())
                .set("wall_ms", run.wallMs())
                .set("more", 1)
                .files(run.files())
                .steps(plan.build())
                .encode();
    }

    /// One byte more than is compared shows that there was more.
    private static Batch limits(Batch batch) {
        return batch.set("kept_bytes", RunnerRequest.KEPT_BYTES + 1L)
                .set("output_bytes", RunnerRequest.OUTPUT_BYTES);
    }

    @Override
    public List<byte[]> take(RunnerRecord record) {
        switch (record) {
            case RunnerRecord.BatchEnded _ -> {
                return goOn();
            }
            case RunnerRecord.Output output when isOfCase(output.step()) -> take(output);
            case RunnerRecord.StepEnded end when isOfCase(end.step()) -> last = end;
            case RunnerRecord.Ended end -> {
                endedBy(end);
                said.take(end);
            }
            default -> said.take(record);
        }
        return List.of();
    }

    private boolean isOfCase(int step) {
        return step >= plan.build().size();
    }

    private void take(RunnerRecord.Output output) {
        (output.stream() == 1 ? stdout : stderr).add(output.bytes());
        said.take(output);
    }

    private List<byte[]> goOn() {
        if (begun > 0) {
            judge();
        }
        boolean stop = run.run().checks().stopOnFailure() && results.firstFailure().isPresent();
        return hasBuilt() && !stop && begun < cases.size() && notStarted == null
                ? next()
                : new Batch().collect(run.run().collect()).encode();
    }

    private List<byte[]> next() {
        Case each = cases.get(begun++);
        List<String> argv = new ArrayList<>(plan.argv());
        argv.addAll(each.args());
        Double seconds = each.timeoutSeconds();
        return limits(new Batch())
                .set("more", 1)
                .set("step_ms", seconds == null ? 0 : Math.max(1, Math.round(seconds * 1000)))
                .setBack()
                .files(each.files())
                .stdin(each.stdin())
                .steps(List.of(Step.of(Step.Kind.RUN, argv)))
                .encode();
    }

    private boolean hasBuilt() {
        return said.ends().size() == plan.build().size()
                && said.ends().stream().allMatch(end -> end.exit() != null && end.exit() == 0);
    }

    private void judge() {
        RunnerRecord.StepEnded end = last;
        if (end == null) {
            throw new IllegalArgumentException("a batch is done and its step hasn't ended");
        }
        CaseResult result = judgeOfCase().judge(end);
        if (!result.passed() && results.firstFailure().isEmpty()) {
            explain(end, result);
        }
        results.add(result);
        forget();
    }

    private CaseJudge judgeOfCase() {
        return new CaseJudge(cases.get(begun - 1), stdout, stderr);
    }

    private void forget() {
        last = null;
        stdout = kept();
        stderr = kept();
    }

    /// Why the first that failed did, where a word says it.
    private void explain(RunnerRecord.StepEnded end, CaseResult result) {
        if (end.execErrno() != 0) {
            notStarted = end.execErrno() == NO_SUCH_FILE ? "command_not_found" : "not_executable";
        } else if (result.status() == VerificationStatus.FAILED) {
            missing = MissingImports.in(language(), stderr.shown() + stdout.shown());
        }
    }

    private Language language() {
        return Language.of(run.language()).orElseThrow();
    }

    /// The run's time ends whatever case was going on.
    private void endedBy(RunnerRecord.Ended end) {
        if (end.limit().equals("wall") && begun > results.count()) {
            results.add(judgeOfCase().outOfTime(last, run.wallMs()));
            forget();
        }
    }

    @Override
    public boolean isComplete() {
        return said.isComplete();
    }

    @Override
    public SandboxResult result(RunnerRecord.Ended end, Circumstances how) {
        endedBy(end);
        return Verifications.of(run, verdict(end), said, end, how);
    }

    private Verdict verdict(RunnerRecord.Ended end) {
        Verification.Proof proof = results.proof();
        if (!hasBuilt()) {
            RunPlan.Steps build = new RunPlan.Steps(RunPlan.Proof.CASES, plan.build());
            return Verdict.of(build, language(), said, end).proved(proof);
        }
        if (results.isAllPassed()) {
            return decided(VerificationStatus.PASSED, null, results.last());
        }
        if (end.limit().equals("wall")) {
            return decided(VerificationStatus.FAILED, null, Optional.empty())
                    .limited(VerificationStatus.TIMED_OUT, "time");
        }
        Verdict failed = decided(VerificationStatus.FAILED, notStarted, results.firstFailure());
        return missing.isEmpty() ? failed : failed.missing(missing);
    }

    private Verdict decided(
            VerificationStatus status, @Nullable String reason, Optional<CaseResult> by) {
        Verification.Ending ending =
                by.map(each -> new Verification.Ending(each.exitCode(), each.signal(), null))
                        .orElse(Verification.Ending.NONE);
        return Verdict.ofCases(status, results.proof(), reason, ending, said);
    }
}
