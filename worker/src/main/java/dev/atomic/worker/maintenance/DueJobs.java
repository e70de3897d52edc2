package dev.atomic.worker.maintenance;

import dev.atomic.shared.job.JobStore.Due;
import dev.atomic.shared.job.StrandedJobs;
import dev.atomic.shared.queue.Deliveries;
import dev.atomic.shared.queue.Signals;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.springframework.transaction.support.TransactionTemplate;

/// Hands stranded that were put back to JobRunr, once they are due: each second with the heartbeat,
/// and at once after a job went back without a delay.
///
/// Thread-safe.
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
        List<Due> due =
                transactions.execute(_ -> {
                    List<Due> taken = stranded.takeDue(PAGE);
                    if (!taken.isEmpty()) {
                        deliveries.enqueue(taken);
                    }
                    return taken;
                });
        if (due != null && !due.isEmpty()) {
            Set<UUID> ids = new HashSet<>();
            due.forEach(job -> ids.add(job.id()));
            signals.raise(Signals.Channel.WORK, ids);
        }
    }
}
