package dev.atomic.api.answer;

import dev.atomic.shared.checkpoint.Checkpoint;
import dev.atomic.shared.checkpoint.StageStatus;
import dev.atomic.shared.event.LoggedEvent;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.StageName;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/// From the rounds of stages to one entry a stage that was asked for.
final class JobStages {
    private JobStages() {}

    static List<JobResource.Stage> of(Job job, List<Checkpoint> checkpoints) {
        return job.asked().input().pipeline().stream()
                .map(stage -> of(job, stage, checkpoints))
                .toList();
    }

    private static JobResource.Stage of(Job job, StageName stage, List<Checkpoint> checkpoints) {
        List<Checkpoint> rounds =
                checkpoints.stream()
                        .filter(checkpoint -> checkpoint.stage() == stage)
                        .sorted(Comparator.comparingInt(Checkpoint::round))
                        .toList();
        if (rounds.isEmpty()) {
            StageStatus status =
                    job.course().state().isTerminal() ? StageStatus.SKIPPED : StageStatus.PENDING;
            return new JobResource.Stage(stage, status, null, 0, null, null, null, null);
        }
        Checkpoint last = rounds.getLast();
        Instant started = rounds.getFirst().startedAt();
        Instant finished = last.finishedAt();
        return new JobResource.Stage(
                stage,
                status(job.course().state(), last),
                last.attempt(),
                rounds.stream().mapToInt(Checkpoint::runs).sum(),
                LoggedEvent.time(started),
                finished == null ? null : LoggedEvent.time(finished),
                finished == null ? null : Duration.between(started, finished).toMillis(),
                last.promptVersion());
    }

    /// A round that began and has no end is as the job is: what ended the job ended it too, and
    /// while the job waits for another attempt, no worker runs it.
    private static StageStatus status(JobState job, Checkpoint last) {
        if (last.ended()) {
            return last.status();
        }
        return switch (job) {
            case QUEUED -> StageStatus.PENDING;
            case RUNNING -> StageStatus.RUNNING;
            case SUCCEEDED -> last.status();
            case FAILED -> StageStatus.FAILED;
            case CANCELLED -> StageStatus.CANCELLED;
        };
    }
}
