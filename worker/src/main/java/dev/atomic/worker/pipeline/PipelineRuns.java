package dev.atomic.worker.pipeline;

import dev.atomic.shared.Json;
import dev.atomic.shared.checkpoint.Checkpoint;
import dev.atomic.shared.checkpoint.CheckpointStore;
import dev.atomic.shared.checkpoint.StageStatus;
import dev.atomic.shared.checkpoint.UsageStore;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.followup.FollowUp;
import dev.atomic.shared.followup.FollowUpStore;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.verify.Verification;
import dev.atomic.worker.claim.Claim;
import dev.atomic.worker.event.DatabaseOutage;
import dev.atomic.worker.event.EventWriter;
import java.util.List;
import org.springframework.stereotype.Component;

/// Begins a run of a job's pipeline after its last checkpoint.
///
/// Thread-safe.
@Component
public final class PipelineRuns {
    private final CheckpointStore checkpoints;
    private final FileStore files;
    private final FollowUpStore followUps;
    private final JobStore jobs;
    private final UsageStore usage;
    private final EventLog log;
    private final EventWriter writer;

    public PipelineRuns(
            CheckpointStore checkpoints,
            FileStore files,
            FollowUpStore followUps,
            JobStore jobs,
            UsageStore usage,
            EventLog log,
            EventWriter writer) {
        this.checkpoints = checkpoints;
        this.files = files;
        this.followUps = followUps;
        this.jobs = jobs;
        this.usage = usage;
        this.log = log;
        this.writer = writer;
    }

    PipelineRun resume(Claim claim) {
        // Before a first start there is nothing to read: two statements spared for every job that
        // isn't resumed.
        List<Checkpoint> known =
                claim.lastSeq() == 2 && claim.job().asked().retryOf() == null
                        ? List.of()
                        : DatabaseOutage.outlast(claim, () -> checkpoints.of(claim.job().id()));
        FollowUp start =
                claim.job().asked().previousJobId() == null
                        ? null
                        : DatabaseOutage.outlast(claim, () -> followUps.of(claim.job().id()))
                                .orElse(null);
        PipelineRun run =
                new PipelineRun(
                        claim,
                        known,
                        start,
                        checkpoints,
                        files,
                        jobs,
                        usage,
                        log,
                        writer,
                        spending(claim, !known.isEmpty()));
        for (Checkpoint checkpoint : known) {
            if (checkpoint.stage() == StageName.VERIFY
                    && checkpoint.status() == StageStatus.FAILED
                    && checkpoint.output() != null) {
                Verification failed = Json.read(checkpoint.output(), Verification.class);
                if (run.mayRepair(failed)) {
                    run.repair(failed);
                }
            }
        }
        return run;
    }

    /// What earlier runs have paid is read only where it matters.
    private Spending spending(Claim claim, boolean resumed) {
        Double most = claim.job().asked().input().maxCostUsd();
        return new Spending(
                most,
                most == null || !resumed
                        ? List.of()
                        : DatabaseOutage.outlast(claim, () -> usage.of(claim.job().id())));
    }
}
