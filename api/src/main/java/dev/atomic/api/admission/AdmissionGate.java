package dev.atomic.api.admission;

import dev.atomic.api.admission.IdempotencyStore.Known;
import dev.atomic.api.admission.IdempotencyStore.ScopedKey;
import dev.atomic.api.admission.JobInserts.Entry;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.submission.Admitted;
import dev.atomic.api.submission.Repeats;
import dev.atomic.api.submission.Submission;
import dev.atomic.api.submission.Submitted;
import dev.atomic.api.succession.Succession;
import dev.atomic.api.telemetry.ApiMeters;
import dev.atomic.api.tenant.JobFinder;
import dev.atomic.shared.job.Reservation;
import dev.atomic.shared.problem.ProblemCode;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/// Decides on requests in one transaction under the gate row's lock, so that an idempotency key
/// admits one job, no more jobs wait than [QueueLimit] allows, and no tenant gets more than
/// [TenantGate] does.
///
/// Used by one thread at a time.
@Component
final class AdmissionGate {
    /// Most time for one answer of the database. Longer than other requests give it: nobody waits
    /// for this thread ([Admission] lets callers go by itself), and a group that is given up on a
    /// busy machine has to be done again.
    private static final Duration ANSWER = Duration.ofSeconds(5);

    private final DataSource pool;
    private final TransactionTemplate transactions;
    private final QueueLimit queue;
    private final TenantGate tenants;
    private final IdempotencyStore idempotency;
    private final Succession succession;
    private final JobInserts inserts;
    private final Clock clock;
    private final ApiMeters meters;

    private boolean commitAsked;

    AdmissionGate(
            DataSource pool,
            TransactionTemplate transactions,
            QueueLimit queue,
            TenantGate tenants,
            IdempotencyStore idempotency,
            Succession succession,
            JobInserts inserts,
            Clock clock,
            ApiMeters meters) {
        this.pool = pool;
        this.transactions = transactions;
        this.queue = queue;
        this.tenants = tenants;
        this.idempotency = idempotency;
        this.succession = succession;
        this.inserts = inserts;
        this.clock = clock;
        this.meters = meters;
    }

    /// What became of a request.
    sealed interface Decision {
        record Accepted(Submitted submitted) implements Decision {}

        record Refused(ProblemException problem) implements Decision {}
    }

    /// Returns after the commit, a decision a request in their order.
    ///
    /// @throws org.springframework.dao.DataAccessException when the database failed;
    ///   [#mayHaveCommitted()] tells what is known then
    /// @throws org.springframework.transaction.TransactionException the same
    List<Decision> admit(List<Submission.Request> requests) {
        long began = System.nanoTime();
        commitAsked = false;
        List<Decision> decisions =
                Objects.requireNonNull(
                        transactions.execute(_ -> {
                            waitLonger();
                            List<Decision> made = admitUnderLock(requests);
                            commitAsked = true;
                            return made;
                        }));
        meters.admitted(began, decisions.size());
        for (Decision decision : decisions) {
            if (decision instanceof Decision.Refused(ProblemException problem)) {
                meters.refused(problem.code());
            }
        }
        return decisions;
    }

    /// Whether the last group may have been admitted although it failed: what became of a commit
    /// that broke off can't be told.
    boolean mayHaveCommitted() {
        return commitAsked;
    }

    /// Deletes the keys and the tenants' days whose time is over.
    void forgetOldKeys() {
        transactions.executeWithoutResult(_ -> idempotency.purge(clock.instant()));
        transactions.executeWithoutResult(_ -> tenants.forgetOldDays(clock.instant()));
    }

    /// The pool takes it back with the connection.
    private void waitLonger() {
        try {
            DataSourceUtils.getConnection(pool)
                    .setNetworkTimeout(Runnable::run, (int) ANSWER.toMillis());
        } catch (SQLException e) {
            throw new DataAccessResourceFailureException("the connection is broken", e);
        }
    }

    private List<Decision> admitUnderLock(List<Submission.Request> requests) {
        QueueLimit.Gate locked = queue.lockAndCount(requests.size());
        long before = locked.waiting();
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Map<ScopedKey, Known> known = idempotency.find(keys(requests), now);
        TenantGate.Group limits = tenants.open(requests, locked.now());
        long room = queue.maxSize() - before;
        List<Entry> admitted = new ArrayList<>();
        List<Decision> decisions = new ArrayList<>();
        for (Submission.Request request : requests) {
            ScopedKey key = key(request);
            Known earlier = key == null ? null : earlier(request.repeats(), known.get(key));
            if (earlier != null) {
                decisions.add(repeat(earlier, request.bodySha256()));
                continue;
            }
            ProblemException refusal =
                    room <= admitted.size()
                            ? queue.full(before + admitted.size())
                            : limits.refusal(request.tenant());
            if (refusal == null && !succession.hold(request.submission().basis())) {
                // Deleted since it was looked at.
                refusal = JobFinder.notFound();
            }
            Reservation needed = limits.needed(request.submission());
            if (refusal == null) {
                refusal = limits.reserve(request.tenant(), needed);
            }
            if (refusal != null) {
                decisions.add(new Decision.Refused(refusal));
            } else {
                Entry entry = inserts.prepare(request, now, needed);
                UUID id = entry.job().id();
                admitted.add(entry);
                limits.admitted(request.tenant());
                if (key != null) {
                    idempotency.put(key, id, request.bodySha256(), now);
                    known.put(key, new Known(id, request.bodySha256(), false, true));
                }
                decisions.add(new Decision.Accepted(new Submitted(id, false, null)));
            }
        }
        if (admitted.isEmpty()) {
            return decisions;
        }
        Map<UUID, Admitted> asAdmitted =
                inserts.insert(admitted, locked.nextTurn(), limits::counts);
        queue.admitted(admitted.size());
        return withPlaces(decisions, requests, asAdmitted);
    }

    /// Saves reading a job that was just admitted without files: four statements of twelve.
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

    private static @Nullable Known earlier(Repeats repeats, @Nullable Known known) {
        return switch (repeats) {
            case BY_KEY -> known;
            case FIRST_TRY -> null;
            case TRIED_AGAIN -> known != null && known.lately() ? known : null;
        };
    }

    private static Decision repeat(Known before, String bodySha256) {
        if (!before.bodySha256().equals(bodySha256)) {
            return new Decision.Refused(
                    new ProblemException(
                            ProblemCode.IDEMPOTENCY_MISMATCH,
                            "This Idempotency-Key was used before with another body; use a new key."));
        }
        if (before.deleted()) {
            return new Decision.Refused(
                    new ProblemException(
                            ProblemCode.JOB_DELETED,
                            "The job made with this Idempotency-Key was deleted; use a new key."));
        }
        return new Decision.Accepted(new Submitted(before.jobId(), true, null));
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
