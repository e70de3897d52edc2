package dev.atomic.api.openai;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.atomic.api.RunningApi;
import dev.atomic.api.relay.WorkerAtHand;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.FileStore.Role;
import dev.atomic.shared.file.Origin;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.queue.Signals;
import java.util.List;
import java.util.UUID;
import org.springframework.transaction.support.TransactionTemplate;

/// Gives a job that waits the log of one that was worked on.
public final class JobPlayer {
    /// Events of one transaction.
    private static final int AT_ONCE = 400;

    private final WorkerAtHand worker;
    private final FileStore files;

    public JobPlayer(RunningApi api) {
        this.worker =
                new WorkerAtHand(
                        api.bean(JobStore.class),
                        api.bean(EventLog.class),
                        api.bean(Signals.class),
                        api.bean(TransactionTemplate.class));
        this.files = api.bean(FileStore.class);
    }

    /// Ends a job that runs and is to be cancelled.
    public void cancelled(UUID job) {
        worker.cancelled(job);
    }

    /// Claims the job, and does the rest of the log: of a job that is cancelled while it waits,
    /// nothing but its end.
    public void play(UUID job, List<JobEvent> log) {
        worker.claim(job);
        if (log.stream().anyMatch(JobEvent.File.class::isInstance)) {
            SourceFile file = new SourceFile("main.py", "print(1)\n".getBytes(UTF_8));
            files.put("default", job, Role.WORKSPACE, file, Origin.MODEL);
        }
        List<JobEvent> middle = log.size() < 3 ? List.of() : log.subList(2, log.size() - 1);
        int step = middle.size() > 1000 ? AT_ONCE : 3;
        for (int from = 0; from < middle.size(); from += step) {
            worker.append(job, middle.subList(from, Math.min(from + step, middle.size())));
        }
        switch (log.getLast()) {
            case JobEvent.Failed(var failure) -> worker.fail(job, failure);
            case JobEvent.Cancelled _ -> worker.cancelled(job);
            default -> worker.succeed(job);
        }
    }
}
