package dev.atomic.api.job;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.tenant.JobFinder;
import dev.atomic.shared.job.JobHead;
import dev.atomic.shared.problem.ProblemCode;
import dev.atomic.shared.upkeep.FinishedJobs;
import java.util.UUID;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/// Deletes finished jobs with all that belongs to them.
@Component
public final class Deletion {
    private final JobFinder jobs;
    private final FinishedJobs finished;
    private final TransactionTemplate transactions;

    Deletion(JobFinder jobs, FinishedJobs finished, TransactionTemplate transactions) {
        this.jobs = jobs;
        this.finished = finished;
        this.transactions = transactions;
    }

    /// @throws ProblemException `not_found`, `not_finished`
    public void delete(String tenant, UUID id) {
        JobHead job = jobs.head(tenant, id);
        if (!job.course().state().isTerminal()) {
            throw new ProblemException(
                    ProblemCode.NOT_FINISHED, "The job hasn't finished; cancel it first.");
        }
        boolean deleted = Boolean.TRUE.equals(transactions.execute(_ -> finished.delete(id)));
        if (!deleted) {
            // Somebody else was quicker.
            jobs.head(tenant, id);
        }
    }
}
