package dev.atomic.api.succession;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.submission.IdempotencyKey;
import dev.atomic.api.submission.Submission;
import dev.atomic.api.submission.Submission.Basis;
import dev.atomic.api.submission.Submission.Round;
import dev.atomic.api.tenant.JobFinder;
import dev.atomic.shared.Json;
import dev.atomic.shared.checkpoint.Checkpoint;
import dev.atomic.shared.checkpoint.CheckpointStore;
import dev.atomic.shared.checkpoint.StageStatus;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.problem.ProblemCode;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
import dev.atomic.shared.verify.VerifyPolicy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// Makes a new job of one that failed or was cancelled: the same request, admitted like any other,
/// that continues after the stages that the other had done.
///
/// Thread-safe.
@Component
public final class Retries {
    private final JobFinder jobs;
    private final JobStore rows;
    private final CheckpointStore checkpoints;

    Retries(JobFinder jobs, JobStore rows, CheckpointStore checkpoints) {
        this.jobs = jobs;
        this.rows = rows;
        this.checkpoints = checkpoints;
    }

    /// What is to be admitted.
    ///
    /// @param idempotencyKey of the same scope as a submit's; a retry of another job, or a submit,
    ///   is another body
    /// @throws ProblemException `not_found`, `not_retryable`, `invalid_request` for the key
    public Submission.Request of(String tenant, UUID id, @Nullable String idempotencyKey) {
        IdempotencyKey.check(idempotencyKey);
        Job old = jobs.find(tenant, id);
        if (old.course().state() != JobState.FAILED && old.course().state() != JobState.CANCELLED) {
            throw new ProblemException(
                    ProblemCode.NOT_RETRYABLE,
                    old.course().state().isTerminal()
                            ? "The job succeeded; submit its prompt again for another result."
                            : "The job hasn't finished; wait for its end or cancel it first.");
        }
        Submission submission =
                new Submission(
                        old.asked().kind(),
                        old.asked().priority(),
                        old.asked().input(),
                        rows.run(id).orElseThrow(JobFinder::notFound),
                        old.asked().maxAttempts(),
                        List.of(),
                        List.of(),
                        new Basis.Retry(old, kept(old, checkpoints.withVerdicts(id))));
        return new Submission.Request(tenant, submission, idempotencyKey, hash(id));
    }

    /// No JSON value hashes the same ([dev.atomic.api.request.CanonicalJson]): each begins with
    /// another letter.
    private static String hash(UUID id) {
        return FileStore.sha256(("retry " + id).getBytes(StandardCharsets.UTF_8));
    }

    /// What isn't done again: all that succeeded, with the verdicts that sent code back, so that
    /// the next round knows what to fix. When the last verdict is what ended the job, only the
    /// specification is kept: the code is written afresh, and may be repaired as often as the
    /// first.
    static List<Round> kept(Job old, List<Checkpoint> rounds) {
        boolean codeIsSpent = rounds.stream().anyMatch(round -> isLastWord(old, round));
        return rounds.stream()
                .filter(round ->
                        codeIsSpent
                                ? round.stage() == StageName.SPEC && isDone(round)
                                : isDone(round) || isVerdict(round))
                .map(round -> new Round(round.stage(), round.round()))
                .toList();
    }

    private static boolean isDone(Checkpoint round) {
        return round.ended() && round.status() == StageStatus.SUCCEEDED;
    }

    /// Whether code was run and didn't pass. A round without an engine has no verdict and is done
    /// again.
    private static boolean isVerdict(Checkpoint round) {
        return round.stage() == StageName.VERIFY
                && round.ended()
                && round.status() == StageStatus.FAILED
                && round.output() != null
                && Json.read(round.output(), Verification.class).status()
                        != VerificationStatus.SKIPPED;
    }

    /// Whether nothing was left to try after this verdict, even if a cancel came between it and the
    /// job's failure.
    private static boolean isLastWord(Job old, Checkpoint round) {
        if (!isVerdict(round)) {
            return false;
        }
        boolean failedSo =
                old.result().error() != null
                        && old.result().error().code() == FailureCode.VERIFICATION_FAILED;
        return failedSo
                || (old.asked().kind() == Kind.GENERATE
                        && old.asked().input().policy() == VerifyPolicy.REQUIRED
                        && round.round() >= old.asked().input().maxRepairs());
    }
}
