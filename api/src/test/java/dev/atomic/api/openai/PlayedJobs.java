package dev.atomic.api.openai;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.atomic.api.RunningApi;
import dev.atomic.api.openai.fold.JobLogs;
import dev.atomic.api.relay.WorkerAtHand;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.FileStore.Role;
import dev.atomic.shared.file.Origin;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.queue.Signals;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/// A worker that gives each job the log that its prompt names, `plain` or `plain after 3 s`; a job
/// with any other prompt waits.
public final class PlayedJobs implements AutoCloseable {
    /// Events of one transaction.
    private static final int AT_ONCE = 400;

    private final RunningApi api;
    private final WorkerAtHand worker;
    private final FileStore files;
    private final Thread thread;
    private volatile boolean stopping;

    public PlayedJobs(RunningApi api) {
        this.api = api;
        this.worker =
                new WorkerAtHand(
                        api.bean(JobStore.class),
                        api.bean(EventLog.class),
                        api.bean(Signals.class),
                        api.bean(TransactionTemplate.class));
        this.files = api.bean(FileStore.class);
        this.thread = Thread.ofPlatform().daemon().name("player").start(this::run);
    }

    private void run() {
        Map<String, Long> due = new HashMap<>();
        while (!stopping) {
            try {
                JsonNode waiting = api.get("/api/jobs?status=queued&limit=100").json();
                for (JsonNode job : waiting.path("jobs")) {
                    String[] asked = job.path("prompt").asString("").split(" after | s$");
                    List<JobEvent> log = JobLogs.each().get(asked[0]);
                    String id = job.path("id").asString("");
                    long now = System.nanoTime();
                    long wait =
                            asked.length == 1
                                    ? 0
                                    : TimeUnit.SECONDS.toNanos(Long.parseLong(asked[1]));
                    if (log != null && now >= due.computeIfAbsent(id, _ -> now + wait)) {
                        play(UUID.fromString(id), log);
                    }
                }
            } catch (Exception e) {
                if (!stopping) {
                    throw new IllegalStateException(e);
                }
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /// Claims the job, and does the rest of the log: of a job that is cancelled while it waits,
    /// nothing but its end.
    void play(UUID job, List<JobEvent> log) {
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

    @Override
    public void close() throws InterruptedException {
        stopping = true;
        thread.join();
    }
}
