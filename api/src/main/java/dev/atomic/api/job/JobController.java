package dev.atomic.api.job;

import dev.atomic.api.ApiSettings;
import dev.atomic.api.admission.Submissions;
import dev.atomic.api.answer.JobAnswers;
import dev.atomic.api.answer.JobList;
import dev.atomic.api.answer.JobPage;
import dev.atomic.api.answer.JobResource;
import dev.atomic.api.answer.JobResources;
import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.request.JsonBody;
import dev.atomic.api.request.Preference;
import dev.atomic.api.request.Query;
import dev.atomic.api.submission.Admitted;
import dev.atomic.api.submission.Submission;
import dev.atomic.api.submission.Submitted;
import dev.atomic.api.succession.Retries;
import dev.atomic.api.tenant.JobFinder;
import dev.atomic.api.tenant.Tenant;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.Kind;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/// Jobs over HTTP: submit, wait, read, steer. Each method is what its route does, in order.
@RestController
final class JobController {
    private static final String KEY = "Idempotency-Key";

    private final ApiSettings settings;
    private final RequestMemory memory;
    private final Submissions submissions;
    private final JobFinder jobs;
    private final JobList list;
    private final JobAnswers answers;
    private final JobResources resources;
    private final Waiters waiters;
    private final Cancellation cancellation;
    private final Retries retries;
    private final Deletion deletion;

    JobController(
            ApiSettings settings,
            RequestMemory memory,
            Submissions submissions,
            JobFinder jobs,
            JobList list,
            JobAnswers answers,
            JobResources resources,
            Waiters waiters,
            Cancellation cancellation,
            Retries retries,
            Deletion deletion) {
        this.settings = settings;
        this.memory = memory;
        this.submissions = submissions;
        this.jobs = jobs;
        this.list = list;
        this.answers = answers;
        this.resources = resources;
        this.waiters = waiters;
        this.cancellation = cancellation;
        this.retries = retries;
        this.deletion = deletion;
    }

    @PostMapping(path = "/api/jobs", consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<JobResource> submit(
            HttpServletRequest request,
            @RequestHeader(name = KEY, required = false) @Nullable String key)
            throws IOException {
        Submitted submitted = submit(Kind.GENERATE, request, key);
        return withReplayed(answers.accepted(submitted.jobId()), submitted).body(body(submitted));
    }

    @PostMapping(path = "/api/generate", consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<JobResource> generate(
            HttpServletRequest request,
            @RequestHeader(name = KEY, required = false) @Nullable String key)
            throws IOException {
        return submitAndWait(Kind.GENERATE, request, key);
    }

    @PostMapping(path = "/api/execute", consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<JobResource> execute(
            HttpServletRequest request,
            @RequestHeader(name = KEY, required = false) @Nullable String key)
            throws IOException {
        return submitAndWait(Kind.EXECUTE, request, key);
    }

    @GetMapping(path = "/api/jobs/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<JobResource> get(HttpServletRequest request, @PathVariable String id) {
        long wait = Query.of(request, "wait").number("wait", 0, 0, 60);
        Job job = jobs.find(Tenant.DEFAULT, id);
        if (wait > 0 && !job.state().isTerminal()) {
            waiters.await(job.id(), Duration.ofSeconds(wait));
            job = jobs.find(Tenant.DEFAULT, job.id());
        }
        return answers.ok(job);
    }

    @GetMapping(path = "/api/jobs", produces = MediaType.APPLICATION_JSON_VALUE)
    void list(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Query query = Query.of(request, "status", "kind", "limit", "cursor");
        try (JobPage page = list.page(Tenant.DEFAULT, query)) {
            response.setContentType(MediaType.APPLICATION_JSON_VALUE);
            page.writeTo(response.getOutputStream());
        }
    }

    @PostMapping("/api/jobs/{id}/cancel")
    ResponseEntity<JobResource> cancel(HttpServletRequest request, @PathVariable String id) {
        Query.of(request);
        Job job = cancellation.cancel(Tenant.DEFAULT, jobs.id(id));
        return answers.accepted(job.id()).body(resources.of(job));
    }

    @PostMapping("/api/jobs/{id}/retry")
    ResponseEntity<JobResource> retry(
            HttpServletRequest request,
            @PathVariable String id,
            @RequestHeader(name = KEY, required = false) @Nullable String key) {
        Query.of(request);
        Submitted submitted = submissions.admit(retries.of(Tenant.DEFAULT, jobs.id(id), key));
        return withReplayed(answers.accepted(submitted.jobId()), submitted).body(body(submitted));
    }

    @DeleteMapping("/api/jobs/{id}")
    ResponseEntity<Void> delete(HttpServletRequest request, @PathVariable String id) {
        Query.of(request);
        deletion.delete(Tenant.DEFAULT, jobs.id(id));
        return ResponseEntity.noContent().build();
    }

    private Submitted submit(Kind kind, HttpServletRequest request, @Nullable String key)
            throws IOException {
        Query.of(request);
        return submissions.admit(validate(kind, request, key));
    }

    /// What of the body isn't part of the job is let go of here, before anything is waited for.
    private Submission.Request validate(Kind kind, HttpServletRequest request, @Nullable String key)
            throws IOException {
        try (RequestMemory.Share share = memory.open()) {
            return submissions.validate(Tenant.DEFAULT, kind, JsonBody.read(request, share), key);
        }
    }

    /// Going away while waiting loses nothing: the job is committed before the wait begins.
    private ResponseEntity<JobResource> submitAndWait(
            Kind kind, HttpServletRequest request, @Nullable String key) throws IOException {
        Preference preference = Preference.of(request.getHeaders("Prefer"));
        // 500 may wait, each with a job of megabytes.
        Submitted submitted = submit(kind, request, key).withoutJob();
        UUID id = submitted.jobId();
        waiters.await(id, preference.patience(settings.syncWait()));
        Job job = jobs.find(Tenant.DEFAULT, id);
        ResponseEntity.BodyBuilder answer = answers.finishedOrAccepted(job);
        if (preference.applied() != null) {
            answer.header("Preference-Applied", preference.applied());
        }
        return withReplayed(answer, submitted).body(resources.of(job));
    }

    private JobResource body(Submitted submitted) {
        Admitted admitted = submitted.asAdmitted();
        return admitted == null
                ? resources.of(jobs.find(Tenant.DEFAULT, submitted.jobId()))
                : resources.of(admitted);
    }

    private static ResponseEntity.BodyBuilder withReplayed(
            ResponseEntity.BodyBuilder answer, Submitted submitted) {
        return submitted.replayed() ? answer.header("Idempotency-Replayed", "true") : answer;
    }
}
