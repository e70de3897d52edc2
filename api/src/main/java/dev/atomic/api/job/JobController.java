package dev.atomic.api.job;

import dev.atomic.api.answer.JobAnswers;
import dev.atomic.api.answer.JobList;
import dev.atomic.api.answer.JobPage;
import dev.atomic.api.answer.JobResource;
import dev.atomic.api.request.Query;
import dev.atomic.api.tenant.Caller;
import dev.atomic.api.tenant.JobFinder;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/// Jobs over HTTP: read, wait, steer. Each method is what its route does, in order.
@RestController
final class JobController {
    private final JobFinder jobs;
    private final JobList list;
    private final JobAnswers answers;
    private final Waiters waiters;
    private final Cancellation cancellation;
    private final Deletion deletion;

    JobController(
            JobFinder jobs,
            JobList list,
            JobAnswers answers,
            Waiters waiters,
            Cancellation cancellation,
            Deletion deletion) {
        this.jobs = jobs;
        this.list = list;
        this.answers = answers;
        this.waiters = waiters;
        this.cancellation = cancellation;
        this.deletion = deletion;
    }

    @GetMapping(path = "/api/jobs/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<JobResource> get(
            HttpServletRequest request,
            @PathVariable String id,
            @AuthenticationPrincipal Caller caller) {
        long wait = Query.of(request, "wait").number("wait", 0, 0, 60);
        UUID job = jobs.id(id);
        // Not the whole job: 500 may wait, each with a job of megabytes.
        if (wait > 0 && !jobs.head(caller.tenant(), job).course().state().isTerminal()) {
            waiters.await(job, Duration.ofSeconds(wait));
        }
        return answers.ok(jobs.find(caller.tenant(), job));
    }

    @GetMapping(path = "/api/jobs", produces = MediaType.APPLICATION_JSON_VALUE)
    void list(
            HttpServletRequest request,
            HttpServletResponse response,
            @AuthenticationPrincipal Caller caller)
            throws IOException {
        Query query = Query.of(request, "status", "kind", "limit", "cursor");
        try (JobPage page = list.page(caller.tenant(), query)) {
            response.setContentType(MediaType.APPLICATION_JSON_VALUE);
            page.writeTo(response.getOutputStream());
        }
    }

    @PostMapping("/api/jobs/{id}/cancel")
    ResponseEntity<JobResource> cancel(
            HttpServletRequest request,
            @PathVariable String id,
            @AuthenticationPrincipal Caller caller) {
        Query.of(request);
        UUID job = jobs.id(id);
        cancellation.cancel(caller.tenant(), job);
        return answers.accepted(jobs.find(caller.tenant(), job));
    }

    @DeleteMapping("/api/jobs/{id}")
    ResponseEntity<Void> delete(
            HttpServletRequest request,
            @PathVariable String id,
            @AuthenticationPrincipal Caller caller) {
        Query.of(request);
        deletion.delete(caller.tenant(), jobs.id(id));
        return ResponseEntity.noContent().build();
    }
}
