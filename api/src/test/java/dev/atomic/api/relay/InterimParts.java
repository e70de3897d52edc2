package dev.atomic.api.relay;

import dev.atomic.api.job.Submissions;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.job.JobId;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.queue.Signals;
import java.util.Map;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.support.TransactionTemplate;

/// Until admission and the resource are there.
@TestConfiguration(proxyBeanMethods = false)
class InterimParts {
    @Bean
    Submissions submissions(
            JobStore jobs, EventLog log, Signals signals, TransactionTemplate tx, JobId ids) {
        WorkerAtHand worker = new WorkerAtHand(jobs, log, signals, tx, ids);
        return (tenant, kind, body, key) -> {
            if (!body.path("prompt").isString()) {
                throw new ProblemException(400, "invalid_request", "prompt must be text.");
            }
            return new Submissions.Submitted(worker.admit(), false);
        };
    }

    @Bean
    JobView jobView() {
        return job -> Map.of("id", job.id(), "status", job.state().wire());
    }
}
