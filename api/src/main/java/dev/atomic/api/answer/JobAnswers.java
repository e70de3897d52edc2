package dev.atomic.api.answer;

import dev.atomic.api.submission.Admitted;
import dev.atomic.api.submission.Submitted;
import dev.atomic.api.tenant.JobFinder;
import dev.atomic.shared.Json;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.job.Job;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/// From a job to an answer with its resource.
@Component
public final class JobAnswers {
    private final JobFinder jobs;
    private final JobResources resources;

    JobAnswers(JobFinder jobs, JobResources resources) {
        this.jobs = jobs;
        this.resources = resources;
    }

    /// The resource of a job that was named.
    public ResponseEntity<JobResource> ok(Job job) {
        JobResource resource = resources.of(job);
        return ResponseEntity.ok()
                .cacheControl(CacheControl.noCache())
                .eTag(tag(resource))
                .body(resource);
    }

    /// `202` with a job that was just submitted.
    public ResponseEntity<JobResource> accepted(String tenant, Submitted submitted) {
        Admitted admitted = submitted.asAdmitted();
        JobResource resource =
                admitted == null
                        ? resources.of(jobs.find(tenant, submitted.jobId()))
                        : resources.of(admitted);
        return withReplayed(begin(HttpStatus.ACCEPTED, submitted.jobId()), submitted)
                .body(resource);
    }

    /// `202` with a job that somebody has begun to cancel.
    public ResponseEntity<JobResource> accepted(Job job) {
        return begin(HttpStatus.ACCEPTED, job.id()).body(resources.of(job));
    }

    /// `200` when the job has finished, however, else `202`.
    ///
    /// @param preferenceApplied the value of `Preference-Applied`; null for none
    public ResponseEntity<JobResource> finishedOrAccepted(
            Job job, Submitted submitted, @Nullable String preferenceApplied) {
        ResponseEntity.BodyBuilder answer =
                begin(
                        job.course().state().isTerminal() ? HttpStatus.OK : HttpStatus.ACCEPTED,
                        job.id());
        if (preferenceApplied != null) {
            answer.header("Preference-Applied", preferenceApplied);
        }
        return withReplayed(answer, submitted).body(resources.of(job));
    }

    private static ResponseEntity.BodyBuilder withReplayed(
            ResponseEntity.BodyBuilder answer, Submitted submitted) {
        return submitted.replayed() ? answer.header("Idempotency-Replayed", "true") : answer;
    }

    private static ResponseEntity.BodyBuilder begin(HttpStatus status, UUID job) {
        return ResponseEntity.status(status)
                .location(URI.create("/api/jobs/" + job))
                .cacheControl(CacheControl.noStore());
    }

    /// Changes with all of the resource but its place in the queue, which others change.
    private static String tag(JobResource resource) {
        ObjectNode tree = Json.STORED.valueToTree(resource);
        tree.remove("queue_position");
        byte[] bytes = tree.toString().getBytes(StandardCharsets.UTF_8);
        return '"' + FileStore.sha256(bytes).substring(0, 32) + '"';
    }
}
