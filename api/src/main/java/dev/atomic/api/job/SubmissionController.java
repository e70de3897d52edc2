package dev.atomic.api.job;

import dev.atomic.api.ApiSettings;
import dev.atomic.api.admission.Submissions;
import dev.atomic.api.answer.JobAnswers;
import dev.atomic.api.answer.JobResource;
import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.request.JsonBody;
import dev.atomic.api.request.Preference;
import dev.atomic.api.request.Query;
import dev.atomic.api.submission.Submission;
import dev.atomic.api.submission.Submitted;
import dev.atomic.api.succession.Retries;
import dev.atomic.api.tenant.Caller;
import dev.atomic.api.tenant.JobFinder;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.Kind;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/// New jobs over HTTP: submit, wait, retry. Each method is what its route does, in order.
@RestController
final class SubmissionController {
    private static final String KEY = "Idempotency-Key";

    private final ApiSettings settings;
    private final RequestMemory memory;
    private final Submissions submissions;
    private final Retries retries;
    private final JobFinder jobs;
    private final JobAnswers answers;
    private final Waiters waiters;

    SubmissionController(
            ApiSettings settings,
            RequestMemory memory,
            Submissions submissions,
            Retries retries,
            JobFinder jobs,
            JobAnswers answers,
            Waiters waiters) {
        this.settings = settings;
        this.memory = memory;
        this.submissions = submissions;
        this.retries = retries;
        this.jobs = jobs;
        this.answers = answers;
        this.waiters = waiters;
    }

    @PostMapping(path = "/api/jobs", consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<JobResource> submit(
            HttpServletRequest request,
            @RequestHeader(name = KEY, required = false) @Nullable String key,
            @AuthenticationPrincipal Caller caller)
            throws IOException {
        return answers.accepted(caller.tenant(), submit(Kind.GENERATE, request, key, caller));
    }

    @PostMapping(path = "/api/generate", consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<JobResource> generate(
            HttpServletRequest request,
            @RequestHeader(name = KEY, required = false) @Nullable String key,
            @AuthenticationPrincipal Caller caller)
            throws IOException {
        return submitAndWait(Kind.GENERATE, request, key, caller);
    }

    @PostMapping(path = "/api/execute", consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<JobResource> execute(
            HttpServletRequest request,
            @RequestHeader(name = KEY, required = false) @Nullable String key,
            @AuthenticationPrincipal Caller caller)
            throws IOException {
        return submitAndWait(Kind.EXECUTE, request, key, caller);
    }

    @PostMapping("/api/jobs/{id}/retry")
    ResponseEntity<JobResource> retry(
            HttpServletRequest request,
            @PathVariable String id,
            @RequestHeader(name = KEY, required = false) @Nullable String key,
            @AuthenticationPrincipal Caller caller) {
        Query.of(request);
        Submission.Request again = retries.of(caller.tenant(), jobs.id(id), key);
        caller.needsToMake(again.submission().kind());
        return answers.accepted(caller.tenant(), submissions.admit(again));
    }

    private Submitted submit(
            Kind kind, HttpServletRequest request, @Nullable String key, Caller caller)
            throws IOException {
        Query.of(request);
        return submissions.admit(validate(kind, request, key, caller));
    }

    /// Lets go of what the body holds beyond the job, before anything is waited for.
    private Submission.Request validate(
            Kind kind, HttpServletRequest request, @Nullable String key, Caller caller)
            throws IOException {
        try (RequestMemory.Share share = memory.open()) {
            return submissions.validate(caller.tenant(), kind, JsonBody.read(request, share), key);
        }
    }

    /// Going away while waiting loses nothing: the job is committed before the wait begins.
    private ResponseEntity<JobResource> submitAndWait(
            Kind kind, HttpServletRequest request, @Nullable String key, Caller caller)
            throws IOException {
        Preference preference = Preference.of(request.getHeaders("Prefer"));
        // 500 may wait, each with a job of megabytes.
        Submitted submitted = submit(kind, request, key, caller).withoutJob();
        UUID id = submitted.jobId();
        waiters.await(id, preference.patience(settings.syncWait()));
        Job job = jobs.find(caller.tenant(), id);
        return answers.finishedOrAccepted(job, submitted, preference.applied());
    }
}
