package dev.atomic.api.job;

import dev.atomic.api.job.Submissions.Submitted;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobId;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.Kind;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

@RestController
final class JobController {
    private final Submissions submissions;
    private final JobStore jobs;
    private final JobResources resources;

    JobController(Submissions submissions, JobStore jobs, JobResources resources) {
        this.submissions = submissions;
        this.jobs = jobs;
        this.resources = resources;
    }

    @PostMapping(path = "/api/jobs", consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<JobResource> submit(
            HttpServletRequest request,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key)
            throws IOException {
        Submitted submitted =
                submissions.submit(Tenant.DEFAULT, Kind.GENERATE, JsonBody.read(request), key);
        return ResponseEntity.accepted()
                .location(URI.create("/api/jobs/" + submitted.jobId()))
                .headers(headers -> {
                    if (submitted.replayed()) {
                        headers.set("Idempotency-Replayed", "true");
                    }
                })
                .body(resources.of(jobs.find(submitted.jobId()).orElseThrow()));
    }

    @GetMapping(path = "/api/jobs/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
    JobResource get(@PathVariable String id) {
        return resources.of(find(id));
    }

    private Job find(String id) {
        return JobId.parse(id)
                .flatMap(parsed -> jobs.find(Tenant.DEFAULT, parsed))
                .orElseThrow(() -> new ProblemException(404, "not_found", "There is no such job."));
    }
}
