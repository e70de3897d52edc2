package dev.atomic.api.tenant;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobHead;
import dev.atomic.shared.job.JobId;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.problem.ProblemCode;
import java.util.UUID;
import org.springframework.stereotype.Component;

/// Finds the job a request's path names. Someone else's job, an unknown id and one that can't be
/// read are all the same.
@Component
public final class JobFinder {
    private final JobStore jobs;

    JobFinder(JobStore jobs) {
        this.jobs = jobs;
    }

    /// @throws ProblemException `not_found`
    public Job find(String tenant, String id) {
        return find(tenant, id(id));
    }

    /// @throws ProblemException `not_found`
    public Job find(String tenant, UUID id) {
        return jobs.find(tenant, id).orElseThrow(JobFinder::notFound);
    }

    /// The job without what was asked, which may be long.
    ///
    /// @throws ProblemException `not_found`
    public JobHead head(String tenant, String id) {
        return head(tenant, id(id));
    }

    /// The job without what was asked, which may be long.
    ///
    /// @throws ProblemException `not_found`
    public JobHead head(String tenant, UUID id) {
        return jobs.head(tenant, id).orElseThrow(JobFinder::notFound);
    }

    /// @throws ProblemException `not_found`
    public UUID id(String text) {
        return JobId.parse(text).orElseThrow(JobFinder::notFound);
    }

    public static ProblemException notFound() {
        return new ProblemException(ProblemCode.NOT_FOUND, "There is no such job.");
    }
}
