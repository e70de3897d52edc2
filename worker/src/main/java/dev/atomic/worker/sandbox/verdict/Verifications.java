package dev.atomic.worker.sandbox.verdict;

import dev.atomic.shared.job.Limits;
import dev.atomic.shared.job.Verification;
import dev.atomic.shared.job.VerificationStatus;
import dev.atomic.worker.sandbox.run.Language;
import dev.atomic.worker.sandbox.run.RunPlan;
import dev.atomic.worker.sandbox.run.RunnerRecord;
import dev.atomic.worker.sandbox.run.RunnerRequest;
import dev.atomic.worker.sandbox.run.SandboxRun;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Puts a verdict and its circumstances into the job resource's form. Pure.
public final class Verifications {
    private Verifications() {}

    /// @param durationMs from asked to the program's end known
    /// @param imageId the engine's id of the image
    public record Circumstances(long durationMs, String imageId, Map<String, String> isolation) {}

    public static SandboxResult of(
            SandboxRun run,
            RunPlan.Steps plan,
            Transcript said,
            RunnerRecord.Ended end,
            Circumstances how) {
        Verdict verdict = Verdict.of(plan, Language.of(run.language()).orElseThrow(), said, end);
        Verification verification =
                new Verification(
                        verdict.status(),
                        verdict.kind(),
                        verdict.tests(),
                        verdict.exitCode(),
                        verdict.signal() == null ? null : SignalNames.of(verdict.signal()),
                        said.stdout().tail(),
                        said.stderr().tail(),
                        new Verification.Truncated(
                                end.stdoutBytes() > RunnerRequest.KEPT_BYTES,
                                end.stderrBytes() > RunnerRequest.KEPT_BYTES),
                        how.durationMs(),
                        end.cpuUs() < 0 ? null : Long.valueOf((end.cpuUs() + 999) / 1000),
                        end.peakBytes() < 0 ? null : Long.valueOf(end.peakBytes()),
                        verdict.limit(),
                        0,
                        verdict.reason(),
                        verdict.port(),
                        verdict.httpStatus(),
                        verdict.missing(),
                        verdict.compile(),
                        how.imageId(),
                        run.run().limits(),
                        how.isolation());
        return new SandboxResult.Verdict(verification, said.collected(), said.refused());
    }

    /// A failure that no runner has reported: nothing was run, or nobody can say how it went.
    public static SandboxResult failed(RunPlan.Proof proof, String reason, Limits limits) {
        Verification verification =
                new Verification(
                        VerificationStatus.FAILED,
                        proof.name().toLowerCase(Locale.ROOT),
                        proof == RunPlan.Proof.TESTS ? new Verification.Tests(0, 0) : null,
                        null,
                        null,
                        "",
                        "",
                        new Verification.Truncated(false, false),
                        0,
                        null,
                        null,
                        null,
                        0,
                        reason,
                        null,
                        null,
                        List.of(),
                        null,
                        null,
                        limits,
                        Map.of());
        return new SandboxResult.Verdict(verification, List.of(), List.of());
    }
}
