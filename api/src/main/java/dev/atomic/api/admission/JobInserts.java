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
import dev.atomic.shared.job.Reservation;
import dev.atomic.shared.job.WaitingJobs;
import dev.atomic.shared.queue.Deliveries;
import dev.atomic.shared.queue.Signals;
import dev.atomic.shared.tenant.TenantQueues;
import dev.atomic.shared.tenant.TenantQueues.Counts;
import dev.atomic.shared.transition.Transitions;
import dev.atomic.shared.webhook.WebhookStore;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// All rows of new jobs: their own with their `queued` events, deliveries, files, and what they
/// take over from others.
///
/// Takes part in the caller's transaction. Thread-safe.
@Component
final class JobInserts {
    private final JobId ids;
    private final TenantQueues tenants;
    private final WaitingJobs waiting;
    private final Transitions transitions;
    private final Deliveries deliveries;
    private final FileStore files;
    private final Succession succession;
    private final Signals signals;
    private final WebhookStore webhooks;

    JobInserts(
            JobId ids,
            TenantQueues tenants,
            WaitingJobs waiting,
            Transitions transitions,
            Deliveries deliveries,
            FileStore files,
            Succession succession,
            Signals signals,
            WebhookStore webhooks) {
        this.ids = ids;
        this.tenants = tenants;
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
    ///
    /// @param reserved what was set aside for it
    Entry prepare(Submission.Request request, Instant now, @Nullable Reservation reserved) {
        return new Entry(newJob(request, now, reserved), request.submission());
    }

    /// Inserts these jobs and wakes the workers when that is committed.
    ///
    /// @param nextTurn above every turn given so far
    /// @param counts what each tenant's limits go by from now on
    /// @return how each stands in the queue, by its id
    Map<UUID, Admitted> insert(
            List<Entry> entries, long nextTurn, Function<String, Counts> counts) {
        List<NewJob> jobs = takeTurns(entries.stream().map(Entry::job).toList(), nextTurn, counts);
        Map<UUID, Admitted> asAdmitted = enqueue(jobs);
        entries.forEach(this::storeRows);
        signals.raiseOnCommit(Signals.Channel.WORK, asAdmitted.keySet());
        return asAdmitted;
    }

    private List<NewJob> takeTurns(
            List<NewJob> jobs, long nextTurn, Function<String, Counts> counts) {
        // In the order in which the ends of jobs let others in, so that the two can't deadlock.
        Map<String, List<NewJob>> byTenant =
                jobs.stream()
                        .collect(
                                Collectors.groupingBy(
                                        NewJob::tenantId, TreeMap::new, Collectors.toList()));
        return byTenant.entrySet().stream()
                .flatMap(its ->
                        tenants.take(its.getValue(), nextTurn, counts.apply(its.getKey())).stream())
                .toList();
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
        Map<UUID, Integer> ahead = new HashMap<>();
        transitions.admit(
                admitted,
                job -> {
                    if (ahead.isEmpty()) {
                        countAhead(admitted, ahead);
                    }
                    int position = Objects.requireNonNull(ahead.get(job.id())) + 1;
                    asAdmitted.put(job.id(), new Admitted(asRead(job), position));
                    return new JobEvent.Queued(position);
                });
        deliveries.enqueue(admitted.stream().map(job -> new Due(job.id(), 0)).toList());
        return asAdmitted;
    }

    private record Lane(String tenant, Priority priority) {}

    /// How many go before each of these, which are inserted. Those of one tenant and priority
    /// mostly follow each other, and the first and the last tell all; but other tenants' jobs may
    /// stand between them. Claims make it fewer meanwhile.
    private void countAhead(List<NewJob> jobs, Map<UUID, Integer> ahead) {
        jobs.stream()
                .collect(
                        Collectors.groupingBy(
                                job -> new Lane(job.tenantId(), job.asked().priority())))
                .values()
                .forEach(lane -> {
                    int first = ahead(lane.getFirst());
                    int last = lane.size() == 1 ? first : ahead(lane.getLast());
                    boolean known =
                            first == Admitted.EXACT_POSITIONS
                                    || (last - first < lane.size()
                                            && last < Admitted.EXACT_POSITIONS);
                    for (int i = 0; i < lane.size(); i++) {
                        NewJob job = lane.get(i);
                        ahead.put(
                                job.id(),
                                known ? Math.min(first + i, Admitted.EXACT_POSITIONS) : ahead(job));
                    }
                });
    }

    private int ahead(NewJob job) {
        return waiting.ahead(job.tenantId(), job.id(), job.turn(), Admitted.EXACT_POSITIONS);
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

    private NewJob newJob(Submission.Request request, Instant now, @Nullable Reservation reserved) {
        UUID id = ids.next();
        Submission submission = request.submission();
        return new NewJob(
                id,
                request.tenant(),
                request.trace().traceId(),
                new Job.Asked(
                        submission.kind(),
                        submission.priority(),
                        submission.input(),
                        submission.maxAttempts(),
                        Succession.retryOf(submission.basis()),
                        Succession.previousJobId(submission.basis())),
                submission.run(),
                now,
                0,
                reserved);
    }
}
