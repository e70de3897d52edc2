package dev.atomic.worker.sandbox.verdict;

import dev.atomic.shared.file.FilePath;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.worker.sandbox.run.OutputSink;
import dev.atomic.worker.sandbox.run.RunnerRecord;
import dev.atomic.worker.sandbox.run.Step;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// All that the runner said of one run. Output goes on to the sink while it comes.
///
/// Used by one thread.
public final class Transcript {
    private final List<Step> steps;
    private final Capture stdout;
    private final Capture stderr;
    private final Capture compiler;
    private final List<TestReport> reports = new ArrayList<>();
    private final List<RunnerRecord.StepEnded> ends = new ArrayList<>();
    private final List<SourceFile> collected = new ArrayList<>();
    private final RefusedFiles refused = new RefusedFiles("not given back");
    private final RefusedFiles leftOut = new RefusedFiles("left out while your tests ran");
    private final Set<String> paths = new HashSet<>();
    private RunnerRecord.@Nullable Probed probed;
    private RunnerRecord.@Nullable Ended ended;
    private boolean complete;

    public Transcript(List<Step> steps, OutputSink sink) {
        this.steps = steps;
        this.stdout = new Capture("stdout", sink);
        this.stderr = new Capture("stderr", sink);
        this.compiler = new Capture("stderr", sink);
        steps.forEach(_ -> reports.add(new TestReport()));
    }

    /// A file that isn't in the workspace while the caller's tests run.
    void leaveOut(String path, String why) {
        leftOut.add(path, why);
    }

    public void take(RunnerRecord said) {
        switch (said) {
            case RunnerRecord.Output output -> capture(output).take(output.bytes());
            case RunnerRecord.Report report -> reports.get(report.step()).take(report.line());
            case RunnerRecord.Probed found -> probed = found;
            case RunnerRecord.StepEnded end -> ends.add(end);
            case RunnerRecord.Ended end -> end(end);
            case RunnerRecord.CollectedFile file -> collect(file);
            case RunnerRecord.RefusedFile file -> refused.add(file);
            case RunnerRecord.Complete _ -> complete();
            case RunnerRecord.Hello _,
                    RunnerRecord.BatchEnded _,
                    RunnerRecord.Listening _,
                    RunnerRecord.Answer _,
                    RunnerRecord.Answered _,
                    RunnerRecord.RequestRefused _ ->
                    throw new IllegalArgumentException("not part of a run: " + said);
        }
    }

    private Capture capture(RunnerRecord.Output output) {
        if (steps.get(output.step()).kind() == Step.Kind.COMPILE) {
            return compiler;
        }
        return output.stream() == 1 ? stdout : stderr;
    }

    private void end(RunnerRecord.Ended end) {
        compiler.end();
        stdout.end();
        stderr.end();
        ended = end;
    }

    /// The runner has looked at the paths; what comes out is looked at again on this side.
    private void collect(RunnerRecord.CollectedFile file) {
        Optional<String> fault = FilePath.refusal(file.path());
        if (fault.isPresent()) {
            refused.add(file.path(), fault.get());
        } else if (!paths.add(FilePath.key(file.path()))) {
            refused.add(file.path(), "differs from another only in case");
        } else {
            collected.add(new SourceFile(file.path(), file.content()));
        }
    }

    private void complete() {
        stderr.note(leftOut.note() + refused.note());
        complete = true;
    }

    public boolean isComplete() {
        return complete;
    }

    RunnerRecord.@Nullable Ended ended() {
        return ended;
    }

    RunnerRecord.@Nullable Probed probed() {
        return probed;
    }

    public List<RunnerRecord.StepEnded> ends() {
        return ends;
    }

    /// The report of the step of this index.
    public TestReport report(int step) {
        return reports.get(step);
    }

    public Capture stdout() {
        return stdout;
    }

    public Capture stderr() {
        return stderr;
    }

    Capture compiler() {
        return compiler;
    }

    List<SourceFile> collected() {
        return collected;
    }

    List<String> refused() {
        return refused.named();
    }
}
