package dev.atomic.api.openai;

import dev.atomic.api.RunningApi;
import dev.atomic.api.openai.fold.JobLogs;
import dev.atomic.shared.event.JobEvent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/// A worker that gives each job the log that its prompt names, `plain` or `plain after 3 s`; a job
/// with any other prompt waits.
public final class PlayedJobs implements AutoCloseable {
    private final RunningApi api;
    private final JobPlayer player;
    private final Thread thread;
    private volatile boolean stopping;

    public PlayedJobs(RunningApi api) {
        this.api = api;
        this.player = new JobPlayer(api);
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
                        player.play(UUID.fromString(id), log);
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

    @Override
    public void close() throws InterruptedException {
        stopping = true;
        thread.join();
    }
}
