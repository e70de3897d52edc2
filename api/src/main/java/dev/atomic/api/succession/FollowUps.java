package dev.atomic.api.succession;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.ProblemException.FieldError;
import dev.atomic.api.submission.Submission;
import dev.atomic.api.submission.Submission.Basis;
import dev.atomic.shared.checkpoint.Checkpoint;
import dev.atomic.shared.checkpoint.CheckpointStore;
import dev.atomic.shared.checkpoint.StageStatus;
import dev.atomic.shared.file.FilePath;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.FileStore.Role;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.followup.FollowUp;
import dev.atomic.shared.followup.FollowUpStore;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobId;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.problem.ProblemCode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// Follow-ups to finished jobs (`previous_job_id`): they begin with the files and the specification
/// that the earlier job ended with, and the model gets the earlier prompts.
///
/// Thread-safe.
@Component
public final class FollowUps {
    private static final String FIELD = "previous_job_id";

    private final JobStore jobs;
    private final CheckpointStore checkpoints;
    private final FileStore files;
    private final FollowUpStore followUps;

    FollowUps(
            JobStore jobs, CheckpointStore checkpoints, FileStore files, FollowUpStore followUps) {
        this.jobs = jobs;
        this.checkpoints = checkpoints;
        this.files = files;
        this.followUps = followUps;
    }

    /// @param previousJobId as the body names it
    /// @throws ProblemException `not_found`, `not_finished`, or `invalid_request` when both jobs'
    ///   files are too many
    public Submission begin(String tenant, Submission submission, String previousJobId) {
        Job previous =
                JobId.parse(previousJobId)
                        .flatMap(id -> jobs.find(tenant, id))
                        .orElseThrow(
                                () -> refused(ProblemCode.NOT_FOUND, FIELD, "doesn't name a job"));
        if (!previous.course().state().isTerminal()) {
            throw refused(
                    ProblemCode.NOT_FINISHED,
                    FIELD,
                    "names a job that hasn't finished; wait for its end");
        }
        checkFiles(previous, submission);
        FollowUp before =
                followUps.of(previous.id()).orElseGet(() -> new FollowUp(List.of(), null));
        return submission.on(
                new Basis.After(
                        previous, before.then(previous.asked().input().prompt(), spec(previous))));
    }

    private @Nullable String spec(Job previous) {
        Optional<Checkpoint> written =
                checkpoints.of(previous.id()).stream()
                        .filter(round ->
                                round.stage() == StageName.SPEC
                                        && round.status() == StageStatus.SUCCEEDED)
                        .findFirst();
        return written.map(Checkpoint::output).orElse(null);
    }

    /// The sandbox's bounds hold for all that meets in one workspace.
    private void checkFiles(Job previous, Submission submission) {
        Map<String, Long> sizes = new HashMap<>();
        files.list(previous.id(), Role.WORKSPACE)
                .forEach(file -> sizes.put(FilePath.key(file.path()), (long) file.size()));
        for (SourceFile file : submission.files()) {
            sizes.put(FilePath.key(file.path()), (long) file.content().length);
        }
        for (SourceFile file : submission.verifyFiles()) {
            sizes.put(FilePath.key(file.path()), (long) file.content().length);
        }
        long bytes = sizes.values().stream().mapToLong(Long::longValue).sum();
        if (sizes.size() > FilePath.MAX_FILES || bytes > FilePath.MAX_TOTAL_BYTES) {
            throw refused(
                    ProblemCode.INVALID_REQUEST,
                    "files",
                    "brings the total, with the previous job's files, to more than "
                            + FilePath.MAX_FILES
                            + " files or 8 MiB");
        }
    }

    private static ProblemException refused(ProblemCode code, String field, String message) {
        return new ProblemException(
                code, field + " " + message + ".", List.of(new FieldError(field, message)), null);
    }
}
