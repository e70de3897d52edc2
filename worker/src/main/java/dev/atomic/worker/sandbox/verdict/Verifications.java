package dev.atomic.worker.sandbox.verdict;

import dev.atomic.shared.verify.Evidence;
import dev.atomic.shared.verify.Limits;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
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

    static SandboxResult of(
            SandboxRun run,
            RunPlan.Steps plan,
            Transcript said,
            RunnerRecord.Ended end,
            RunDialogue.Circumstances how) {
        Language language = Language.of(run.language()).orElseThrow();
        return of(run, Verdict.of(plan, language, said, end), said, end, how);
    }

    /// @param end the transcript's, or what stands for it
    public static SandboxResult of(
            SandboxRun run,
            Verdict verdict,
            Transcript said,
            RunnerRecord.Ended end,
            RunDialogue.Circumstances how) {
        Verification verification =
                new Verification(
                        verdict.status(),
                        verdict.proof(),
                        verdict.ending(),
                        new Verification.Printed(
                                said.stdout().tail(),
                                said.stderr().tail(),
                                new Verification.Truncated(
                                        end.stdoutBytes() > RunnerRequest.KEPT_BYTES,
                                        end.stderrBytes() > RunnerRequest.KEPT_BYTES)),
                        new Verification.Cost(
                                how.durationMs(),
                                end.cpuUs() < 0 ? null : Long.valueOf((end.cpuUs() + 999) / 1000),
                                end.peakBytes() < 0 ? null : Long.valueOf(end.peakBytes())),
                        0,
                        verdict.reason(),
                        verdict.missing(),
                        verdict.server(),
                        verdict.compile(),
                        new Verification.Container(
                                how.imageId(), run.run().limits(), how.isolation()));
        return new SandboxResult.Verdict(verification, said.collected(), said.refused());
    }

    /// A failure that no runner has reported: nothing was run, or nobody can say how it went.
    public static SandboxResult failed(RunPlan.Proof proof, String reason, Limits limits) {
        boolean tests = proof == RunPlan.Proof.TESTS;
        Verification verification =
                Verification.unrun(
                        VerificationStatus.FAILED,
                        new Verification.Proof(
                                proof.name().toLowerCase(Locale.ROOT),
                                tests ? Evidence.REPORTED : Evidence.OBSERVED,
                                null,
                                tests ? new Verification.Tests(0, 0, null) : null,
                                tests ? List.of() : null,
                                null,
                                null),
                        reason,
                        new Verification.Container(null, limits, Map.of()));
        return new SandboxResult.Verdict(verification, List.of(), List.of());
    }
}
