package dev.atomic.worker.sandbox.isolated;

import dev.atomic.worker.sandbox.run.OutputSink;
import dev.atomic.worker.sandbox.run.RunnerRecord;
import dev.atomic.worker.sandbox.run.RunnerRequest;
import dev.atomic.worker.sandbox.run.Step;
import dev.atomic.worker.sandbox.run.Toolchain;
import dev.atomic.worker.sandbox.verdict.Dialogue;
import dev.atomic.worker.sandbox.verdict.TestReport;
import dev.atomic.worker.sandbox.verdict.Transcript;
import java.util.List;

/// The dialogue with the container that holds the tests. Its report is the verdict: no byte of the
/// program is in there.
///
/// Used by one thread.
final class JudgeSide implements Dialogue {
    private static final OutputSink NOWHERE = (_, _) -> {};

    private final Trial trial;
    private final Step step;
    private final Transcript said;

    JudgeSide(Trial trial) {
        this.trial = trial;
        this.step = Toolchain.judge(trial.files());
        this.said = new Transcript(List.of(step), NOWHERE);
    }

    @Override
    public List<byte[]> request() {
        return new RunnerRequest(trial.wallMs(), trial.tests(), "", List.of(step), List.of())
                .encode();
    }

    @Override
    public List<byte[]> take(RunnerRecord record) {
        said.take(record);
        return List.of();
    }

    @Override
    public boolean isComplete() {
        return said.isComplete();
    }

    /// What follows from its report.
    Finding finding() {
        TestReport report = said.report(0);
        if (!report.notCarried().isEmpty()) {
            return Finding.not(report.notCarried());
        }
        if (said.ends().isEmpty() || !report.isComplete(said.ends().getFirst())) {
            return Finding.not("the judge didn't finish within %d ms".formatted(trial.wallMs()));
        }
        if (!report.firstBad().isEmpty()) {
            return Finding.not(
                    "with the tests in a process of their own this one doesn't pass: "
                            + report.firstBad());
        }
        return Finding.passed(report.passed());
    }
}
