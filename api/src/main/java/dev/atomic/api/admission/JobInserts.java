package dev.atomic.api.admission;

import dev.atomic.api.submission.Admitted;
import dev.atomic.api.submission.Submission;
import dev.atomic.api.succession.Succession;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.FileStore.Role;
import dev.atomic.shared.file.Origin;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobId;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.JobStore.Due;
import dev.atomic.shared.job.JobStore.NewJob;
import dev.atomic.shared.job.Priority;
import dev.atomic.shared.job.WaitingJobs;
import dev.atomic.shared.queue.Deliveries;
import dev.atomic.shared.queue.Signals;
import dev.atomic.shared.transition.Transitions;
import dev.atomic.shared.webhook.WebhookStore;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Component;

/// All rows of new jobs: their own with their `queued` events, deliveries, files, and what they
/// take over from others.
///
/// Takes part in the caller's transaction. Thread-safe.
@Component
final class JobInserts {
    private final JobId ids;
    private final WaitingJobs waiting;
    private final Transitions transitions;
    private final Deliveries deliveries;
    private final FileStore files;
    private final Succession succession;
    private final Signals signals;
    private final WebhookStore webhooks;

    JobInserts(
            JobId ids,
            WaitingJobs waiting,
            Transitions transitions,
            Deliveries deliveries,
            FileStore files,
            Succession succession,
            Signals signals,
            WebhookStore webhooks) {
        this.ids = ids;
        this.waiting = waiting;
        this.transitions = transitions;
        this.deliveries = deliveries;
        this.files = files;
        this.succession = succession;
        this.signals = signals;
        this.webhooks = webhooks;
    }

    /// A job that isn't inserted yet.
    record Entry(NewJob job, Submission submission) {}

    /// Gives a job its id and inserts nothing.
    Entry prepare(Submission.Request request, Instant now) {
        return new Entry(newJob(request, now), request.submission());
    }

    /// Inserts these jobs and wakes the workers when that is committed.
    ///
    /// @return how each stands in the queue, by its id
    Map<UUID, Admitted> insert(List<Entry> entries) {
        Map<UUID, Admitted> asAdmitted = enqueue(entries.stream().map(Entry::job).toList());
        entries.forEach(this::storeRows);
        signals.raiseOnCommit(Signals.Channel.WORK, asAdmitted.keySet());
        return asAdmitted;
    }

    private void storeRows(Entry entry) {
        NewJob job = entry.job();
        succession.copy(entry.submission().basis(), job.id());
        String webhook = job.asked().input().webhook();
        if (webhook != null) {
            webhooks.add(job.id(), job.tenantId(), webhook);
        }
        entry.submission()
                .files()
                .forEach(f -> files.put(job.tenantId(), job.id(), Role.WORKSPACE, f, Origin.INPUT));
        entry.submission()
                .verifyFiles()
                .forEach(f -> files.put(job.tenantId(), job.id(), Role.VERIFY, f, Origin.INPUT));
    }

    private Map<UUID, Admitted> enqueue(List<NewJob> admitted) {
        Map<UUID, Admitted> asAdmitted = new HashMap<>();
        Map<Priority, Integer> ahead = new EnumMap<>(Priority.class);
        transitions.admit(
                admitted,
                job -> {
                    int position = position(job, ahead);
                    asAdmitted.put(job.id(), new Admitted(asRead(job), position));
                    return new JobEvent.Queued(position);
                });
        deliveries.enqueue(admitted.stream().map(job -> new Due(job.id(), 0)).toList());
        return asAdmitted;
    }

    /// Counted once a priority: those of one transaction follow each other.
    private int position(NewJob job, Map<Priority, Integer> ahead) {
        int before =
                ahead.computeIfAbsent(
                        job.asked().priority(),
                        priority -> waiting.ahead(job.id(), priority, Admitted.EXACT_POSITIONS));
        ahead.put(job.asked().priority(), Math.min(before + 1, Admitted.EXACT_POSITIONS));
        return before + 1;
    }

    /// The row as it would be read now.
    private static Job asRead(NewJob job) {
        return new Job(
                job.id(),
                job.tenantId(),
                job.traceId(),
                job.asked(),
                new Job.Course(JobState.QUEUED, 0, 0, 0, null, false, 1),
                new Job.Result(null),
                new Job.Times(job.createdAt(), null, null, null, job.createdAt()));
    }

    private NewJob newJob(Submission.Request request, Instant now) {
        UUID id = ids.next();
        Submission submission = request.submission();
        return new NewJob(
                id,
                request.tenant(),
                UUID.randomUUID().toString().replace("-", ""),
                new Job.Asked(
                        submission.kind(),
                        submission.priority(),
                        submission.input(),
                        submission.maxAttempts(),
                        Succession.retryOf(submission.basis()),
                        Succession.previousJobId(submission.basis())),
                submission.run(),
                now);
    }
}
