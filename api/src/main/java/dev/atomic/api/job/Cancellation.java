package dev.atomic.api.job;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.telemetry.ApiMeters;
import dev.atomic.api.tenant.JobFinder;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.job.JobHead;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.problem.ProblemCode;
import dev.atomic.shared.queue.Signals;
import dev.atomic.shared.queue.Signals.Channel;
import dev.atomic.shared.transition.Transition;
import dev.atomic.shared.transition.Transitions;
import dev.atomic.shared.transition.Transitions.Place;
import dev.atomic.shared.transition.Transitions.Told;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/// Ends jobs before they are done, for REST and WebSocket alike.
///
/// Thread-safe.
@Component
public final class Cancellation {
    private final JobFinder jobs;
    private final JobStore rows;
    private final Transitions transitions;
    private final Signals signals;
    private final TransactionTemplate transactions;
    private final Clock clock;
    private final ApiMeters meters;

    Cancellation(
            JobFinder jobs,
            JobStore rows,
            Transitions transitions,
            Signals signals,
            TransactionTemplate transactions,
            Clock clock,
            ApiMeters meters) {
        this.jobs = jobs;
        this.rows = rows;
        this.transitions = transitions;
        this.signals = signals;
        this.transactions = transactions;
        this.clock = clock;
        this.meters = meters;
    }

    /// Once this returns, the job can only end cancelled; a waiting job has ended already.
    ///
    /// @throws ProblemException `not_found`, `already_finished`
    public void cancel(String tenant, UUID id) {
        while (true) {
            JobHead job = jobs.head(tenant, id);
            Optional<Channel> changed =
                    switch (job.course().state()) {
                        case QUEUED ->
                                withdraw(job) ? Optional.of(Channel.EVENTS) : Optional.empty();
                        case RUNNING ->
                                rows.requestCancel(id)
                                        ? Optional.of(Channel.CANCEL)
                                        : Optional.empty();
                        case SUCCEEDED, FAILED, CANCELLED ->
                                throw new ProblemException(
                                        ProblemCode.ALREADY_FINISHED,
                                        "The job has ended; it can't be cancelled any more.");
                    };
            if (changed.isPresent()) {
                signals.raise(changed.get(), Set.of(id));
                return;
            }
            // It was claimed, put back or ended in between: look again.
        }
    }

    private boolean withdraw(JobHead job) {
        boolean done =
                Boolean.TRUE.equals(
                        transactions.execute(_ ->
                                transitions.apply(
                                        Place.of(job),
                                        new Transition.Withdraw(),
                                        new Told(new JobEvent.Cancelled(), clock.instant()))));
        if (done) {
            meters.withdrawn();
        }
        return done;
    }
}
