package dev.atomic.api.description;

import dev.atomic.api.RunningApi;
import dev.atomic.api.openai.JobPlayer;
import dev.atomic.api.openai.fold.JobLogs;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.job.WaitingJobs;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A worker that ends each job soon, one after the other in every way there is.
final class EveryJobEnds implements AutoCloseable {
    private final WaitingJobs waiting;
    private final JobStore jobs;
    private final JobPlayer player;
    private final List<List<JobEvent>> logs;
    private final Thread thread;
    private volatile boolean stopping;
    private int next;

    EveryJobEnds(RunningApi api) {
        this.waiting = api.bean(WaitingJobs.class);
        this.jobs = api.bean(JobStore.class);
        this.player = new JobPlayer(api);
        this.logs =
                JobLogs.each().values().stream()
                        .filter(log -> log.size() > 2 && log.size() < 100)
                        .toList();
        this.thread = Thread.ofPlatform().daemon().name("worker").start(this::run);
    }

    private void run() {
        while (!stopping) {
            waiting.next("default", 20).forEach(this::end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private void end(UUID id) {
        Job job = jobs.find(id).orElse(null);
        if (job == null) {
            return;
        }
        boolean writes = job.asked().kind() == Kind.GENERATE;
        List<JobEvent> plain = Objects.requireNonNull(JobLogs.each().get("plain"));
        try {
            player.play(id, writes ? logs.get(next++ % logs.size()) : plain);
        } catch (IllegalStateException stopped) {
            // Somebody cancelled it: before it was claimed, or while it ran.
            if (!jobs.find(id).orElseThrow().course().state().isTerminal()) {
                player.cancelled(id);
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        stopping = true;
        thread.join();
    }
}
