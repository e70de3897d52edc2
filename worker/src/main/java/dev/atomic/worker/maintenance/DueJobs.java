package dev.atomic.worker.maintenance;

import dev.atomic.shared.job.JobStore.Due;
import dev.atomic.shared.job.StrandedJobs;
import dev.atomic.shared.queue.Deliveries;
import dev.atomic.shared.queue.Signals;
import java.util.List;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/// Hands jobs that were put back to JobRunr, once they are due: each second with the heartbeat, and
/// at once after a job went back without a delay.
///
/// Thread-safe.
@Component
public final class DueJobs {
    private static final int PAGE = 100;

    private final StrandedJobs stranded;
    private final Deliveries deliveries;
    private final TransactionTemplate transactions;
    private final Signals signals;

    public DueJobs(
            StrandedJobs stranded,
            Deliveries deliveries,
            TransactionTemplate transactions,
            Signals signals) {
        this.stranded = stranded;
        this.deliveries = deliveries;
        this.transactions = transactions;
        this.signals = signals;
    }

    public void deliver() {
        transactions.executeWithoutResult(_ -> {
            List<Due> due = stranded.takeDue(PAGE);
            if (!due.isEmpty()) {
                deliveries.enqueue(due);
                signals.raiseOnCommit(
                        Signals.Channel.WORK,
                        due.stream().map(Due::id).collect(Collectors.toSet()));
            }
        });
    }
}
