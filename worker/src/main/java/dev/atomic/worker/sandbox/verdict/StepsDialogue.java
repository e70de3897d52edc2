package dev.atomic.worker.sandbox.verdict;

import dev.atomic.worker.sandbox.run.OutputSink;
import dev.atomic.worker.sandbox.run.RunPlan;
import dev.atomic.worker.sandbox.run.RunnerRecord;
import dev.atomic.worker.sandbox.run.RunnerRequest;
import dev.atomic.worker.sandbox.run.SandboxRun;
import java.util.List;

/// A run of fixed steps: all is asked at once, and the runner carries it out.
public final class StepsDialogue implements RunDialogue {
    private final SandboxRun run;
    private final RunPlan.Steps plan;
    private final Transcript said;

    /// @param output gets what the program prints while it comes
    public StepsDialogue(SandboxRun run, RunPlan.Steps plan, OutputSink output) {
        this.run = run;
        this.plan = plan;
        this.said = new Transcript(plan.steps(), output);
    }

    @Override
    public List<byte[]> request() {
        return new RunnerRequest(
                        run.wallMs(),
                        run.files(),
                        run.run().stdin(),
                        plan.steps(),
                        run.run().collect())
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

    @Override
    public SandboxResult result(RunnerRecord.Ended end, Circumstances how) {
        return Verifications.of(run, plan, said, end, how);
    }
}
