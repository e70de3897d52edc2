package dev.atomic.api.admission;

import dev.atomic.api.ApiSettings;
import dev.atomic.api.admission.IdempotencyStore.Known;
import dev.atomic.api.admission.IdempotencyStore.ScopedKey;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.submission.Admitted;
import dev.atomic.api.submission.Submission;
import dev.atomic.api.submission.Submitted;
import dev.atomic.api.succession.Succession;
import dev.atomic.api.tenant.JobFinder;
import dev.atomic.db.DatabaseSettings;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.job.FileStore;
import dev.atomic.shared.job.FileStore.Role;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobId;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.JobStore.Due;
import dev.atomic.shared.job.JobStore.NewJob;
import dev.atomic.shared.job.Origin;
import dev.atomic.shared.job.Priority;
import dev.atomic.shared.job.Usage;
import dev.atomic.shared.job.WaitingJobs;
import dev.atomic.shared.problem.ProblemCode;
import dev.atomic.shared.queue.Deliveries;
import dev.atomic.shared.queue.Signals;
import dev.atomic.shared.transition.Transitions;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/// Admits requests in one transaction under the gate row's lock, so that the limit is exact over
/// all api processes and an idempotency key admits one job. Claims never touch the gate.
///
/// Used by one thread at a time.
@Component
final class AdmissionGate {
    /// Locks the gate's row, too.
    private static final String RAISE_BOUND =
            "update admission_gate set waiting_at_most = waiting_at_most + :more where id = 1";

    private final ApiSettings settings;
    private final TransactionTemplate transactions;
    private final JdbcClient jdbc;
    private final WaitingJobs waiting;
    private final Transitions transitions;
    private final FileStore files;
    private final Succession succession;
    private final Deliveries deliveries;
    private final IdempotencyStore idempotency;
    private final Signals signals;
    private final JobId ids;
    private final Clock clock;
    private final String raiseBound;
    private final DrainRate drain = new DrainRate();

    AdmissionGate(
            ApiSettings settings,
            TransactionTemplate transactions,
            JdbcClient jdbc,
            WaitingJobs waiting,
            Transitions transitions,
            FileStore files,
            Succession succession,
            Deliveries deliveries,
            IdempotencyStore idempotency,
            Signals signals,
            JobId ids,
            Clock clock,
            DatabaseSettings database) {
        this.settings = settings;
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.waiting = waiting;
        this.transitions = transitions;
        this.files = files;
        this.succession = succession;
        this.deliveries = deliveries;
        this.idempotency = idempotency;
        this.signals = signals;
        this.ids = ids;
        this.clock = clock;
        this.raiseBound = database.dialect().returning(RAISE_BOUND, "waiting_at_most");
    }

    /// What became of a request.
    sealed interface Decision {
        record Accepted(Submitted submitted) implements Decision {}

        record Refused(ProblemException problem) implements Decision {}
    }

    /// Returns after the commit, a decision a request in their order.
    ///
    /// @throws org.springframework.dao.DataAccessException when nothing was admitted
    /// @throws org.springframework.transaction.TransactionException when it can't be told whether
    ///   anything was admitted, or nothing was
    List<Decision> admit(List<Submission.Request> requests) {
        return java.util.Objects.requireNonNull(
                transactions.execute(_ -> admitUnderLock(requests)));
    }

    /// Deletes the keys whose time is over.
    void forgetOldKeys() {
        transactions.executeWithoutResult(_ -> idempotency.purge(clock.instant()));
    }

    private record AdmittedJob(NewJob job, Submission submission) {}

    private List<Decision> admitUnderLock(List<Submission.Request> requests) {
        long before = lockAndCount(requests.size());
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Map<ScopedKey, Known> known = idempotency.find(keys(requests), now);
        long room = settings.maxQueueSize() - before;
        List<AdmittedJob> admitted = new ArrayList<>();
        List<Decision> decisions = new ArrayList<>();
        for (Submission.Request request : requests) {
            ScopedKey key = key(request);
            Known earlier = key == null ? null : known.get(key);
            if (earlier != null) {
                decisions.add(repeat(earlier, request.bodySha256()));
            } else if (room <= admitted.size()) {
                decisions.add(new Decision.Refused(queueFull(before + admitted.size())));
            } else if (!succession.hold(request.submission().basis())) {
                // Deleted since it was looked at.
                decisions.add(new Decision.Refused(JobFinder.notFound()));
            } else {
                NewJob job = newJob(request, now);
                admitted.add(new AdmittedJob(job, request.submission()));
                if (key != null) {
                    idempotency.put(key, job.id(), request.bodySha256(), now);
                    known.put(key, new Known(job.id(), request.bodySha256(), false));
                }
                decisions.add(new Decision.Accepted(new Submitted(job.id(), false, null)));
            }
        }
        if (admitted.isEmpty()) {
            return decisions;
        }
        Map<UUID, Admitted> asAdmitted = enqueue(admitted.stream().map(AdmittedJob::job).toList());
        admitted.forEach(this::storeRows);
        signals.raiseOnCommit(Signals.Channel.WORK, asAdmitted.keySet());
        drain.admitted(admitted.size());
        return withPlaces(decisions, requests, asAdmitted);
    }

    /// Locks the gate and says how many jobs wait, at most: exactly, if it could matter to this
    /// many more. Counting them for each group would cost more the more there are, so the gate
    /// holds a bound, which rises by what may be admitted and falls when they are counted.
    private long lockAndCount(int more) {
        long atMost = jdbc.sql(raiseBound).param("more", more).query(Long.class).single();
        if (atMost <= settings.maxQueueSize()) {
            return atMost - more;
        }
        int exactly = waiting.count(settings.maxQueueSize() + 1);
        drain.counted(System.nanoTime(), exactly);
        jdbc.sql("update admission_gate set waiting_at_most = :waiting where id = 1")
                .param("waiting", exactly + more)
                .update();
        return exactly;
    }

    /// Spares who was just admitted without files from being read: four statements of twelve.
    private static List<Decision> withPlaces(
            List<Decision> decisions,
            List<Submission.Request> requests,
            Map<UUID, Admitted> asAdmitted) {
        List<Decision> complete = new ArrayList<>();
        for (int i = 0; i < decisions.size(); i++) {
            Decision decision = decisions.get(i);
            if (decision instanceof Decision.Accepted(Submitted submitted)
                    && !submitted.replayed()
                    && requests.get(i).submission().files().isEmpty()
                    && !requests.get(i).submission().copies()) {
                UUID id = submitted.jobId();
                decision = new Decision.Accepted(new Submitted(id, false, asAdmitted.get(id)));
            }
            complete.add(decision);
        }
        return complete;
    }

    private void storeRows(AdmittedJob admission) {
        NewJob job = admission.job();
        succession.copy(admission.submission().basis(), job.id());
        admission
                .submission()
                .files()
                .forEach(f -> files.put(job.tenantId(), job.id(), Role.WORKSPACE, f, Origin.INPUT));
        admission
                .submission()
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
                        job.priority(),
                        priority -> waiting.ahead(job.id(), priority, Admitted.EXACT_POSITIONS));
        ahead.put(job.priority(), Math.min(before + 1, Admitted.EXACT_POSITIONS));
        return before + 1;
    }

    /// The row as it would be read now.
    private static Job asRead(NewJob job) {
        return new Job(
                job.id(),
                job.tenantId(),
                job.traceId(),
                job.kind(),
                JobState.QUEUED,
                job.priority(),
                job.input(),
                0,
                job.maxAttempts(),
                0,
                0,
                null,
                false,
                1,
                null,
                Usage.NONE,
                job.retryOf(),
                job.previousJobId(),
                job.createdAt(),
                null,
                null,
                null,
                job.createdAt());
    }

    private NewJob newJob(Submission.Request request, Instant now) {
        UUID id = ids.next();
        Submission submission = request.submission();
        return new NewJob(
                id,
                request.tenant(),
                UUID.randomUUID().toString().replace("-", ""),
                submission.kind(),
                submission.priority(),
                submission.input(),
                submission.run(),
                submission.maxAttempts(),
                Succession.retryOf(submission.basis()),
                Succession.previousJobId(submission.basis()),
                now);
    }

    private static Decision repeat(Known before, String bodySha256) {
        if (!before.bodySha256().equals(bodySha256)) {
            return new Decision.Refused(
                    new ProblemException(
                            ProblemCode.IDEMPOTENCY_MISMATCH,
                            "This Idempotency-Key came with another body before; use a new key."));
        }
        if (before.deleted()) {
            return new Decision.Refused(
                    new ProblemException(
                            ProblemCode.JOB_DELETED,
                            "The job this Idempotency-Key made was deleted; use a new key."));
        }
        return new Decision.Accepted(new Submitted(before.jobId(), true, null));
    }

    private ProblemException queueFull(long waiting) {
        return new ProblemException(
                ProblemCode.QUEUE_FULL,
                waiting + " jobs are waiting, the queue takes no more; try again later.",
                List.of(),
                drain.retryAfterSeconds(settings.maxQueueSize()));
    }

    private static List<ScopedKey> keys(List<Submission.Request> requests) {
        List<ScopedKey> keys = new ArrayList<>();
        for (Submission.Request request : requests) {
            ScopedKey key = key(request);
            if (key != null) {
                keys.add(key);
            }
        }
        return keys;
    }

    private static @Nullable ScopedKey key(Submission.Request request) {
        String text = request.idempotencyKey();
        return text == null
                ? null
                : new ScopedKey(request.tenant(), request.submission().kind(), text);
    }
}
