package dev.atomic.api.relay;

import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.job.TestJobs;
import dev.atomic.shared.queue.Signals;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.springframework.transaction.support.TransactionTemplate;

/// Does to the database what admission and a worker do, step by step as a test says.
public final class WorkerAtHand {
    private final JobStore jobs;
    private final EventLog log;
    private final Signals signals;
    private final TransactionTemplate transactions;
    private final UUID worker = UUID.randomUUID();

    public WorkerAtHand(
            JobStore jobs, EventLog log, Signals signals, TransactionTemplate transactions) {
        this.jobs = jobs;
        this.log = log;
        this.signals = signals;
        this.transactions = transactions;
    }

    /// A job with its event 1.
    UUID admit() {
        UUID id =
                transactions.execute(_ -> {
                    UUID admitted = TestJobs.admit(jobs);
                    write(admitted, 1, 0, List.of(new JobEvent.Queued(1)));
                    return admitted;
                });
        signals.raise(Signals.Channel.EVENTS, Set.of(id));
        return id;
    }

    /// A job that runs, with its events 1 and 2.
    UUID running() {
        UUID id = admit();
        claim(id);
        return id;
    }

    public void claim(UUID id) {
        transactions.executeWithoutResult(_ -> {
            if (jobs.claim(List.of(id), worker).isEmpty()) {
                throw new IllegalStateException("not to be claimed");
            }
            write(id, job(id).course().lastSeq(), 1, List.of(new JobEvent.Started("worker-1")));
        });
        signals.raise(Signals.Channel.EVENTS, Set.of(id));
    }

    /// Appends as a worker does: one transaction, then the signal.
    public void append(UUID id, List<? extends JobEvent> events) {
        appendUnsignalled(id, events);
        signals.raise(Signals.Channel.EVENTS, Set.of(id));
    }

    void appendUnsignalled(UUID id, List<? extends JobEvent> events) {
        Job job = job(id);
        transactions.executeWithoutResult(_ -> {
            long to = job.course().lastSeq() + events.size();
            if (!jobs.advance(id, job.course().fence(), job.course().lastSeq(), to)) {
                throw new IllegalStateException("fenced off");
            }
            write(id, job.course().lastSeq() + 1, 1, events);
        });
        signals.raise(Signals.Channel.EVENTS, Set.of(id));
    }

    /// Ends the job with its terminal event.
    public void succeed(UUID id) {
        end(id, JobState.SUCCEEDED, null, new JobEvent.Succeeded());
    }

    public void fail(UUID id, Failure failure) {
        end(id, JobState.FAILED, failure, new JobEvent.Failed(failure));
    }

    public void cancelled(UUID id) {
        end(id, JobState.CANCELLED, null, new JobEvent.Cancelled());
    }

    private void end(UUID id, JobState state, Failure failure, JobEvent event) {
        Job job = job(id);
        transactions.executeWithoutResult(_ -> {
            long to = job.course().lastSeq() + 1;
            if (!jobs.finish(
                    id, job.course().fence(), job.course().lastSeq(), to, state, failure)) {
                throw new IllegalStateException("fenced off");
            }
            write(id, to, 1, List.of(event));
        });
        signals.raise(Signals.Channel.EVENTS, Set.of(id));
    }

    /// Chunks of the code stage's round 0, numbered from `firstIndex`.
    static List<JobEvent> chunks(int firstIndex, String... deltas) {
        List<JobEvent> chunks = new ArrayList<>();
        for (String delta : deltas) {
            int index = firstIndex + chunks.size();
            chunks.add(new JobEvent.Chunk(StageName.CODE, 0, delta, index));
        }
        return chunks;
    }

    public Job job(UUID id) {
        return jobs.find(id).orElseThrow();
    }

    private void write(UUID id, long firstSeq, int attempt, List<? extends JobEvent> events) {
        List<EventLog.Entry> entries = new ArrayList<>();
        for (JobEvent event : events) {
            long seq = firstSeq + entries.size();
            entries.add(new EventLog.Entry(id, "default", seq, Instant.now(), attempt, event));
        }
        log.append(entries);
    }
}
