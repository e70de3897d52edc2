package dev.atomic.api.admission;

import dev.atomic.api.ApiSettings;
import dev.atomic.api.request.CanonicalJson;
import dev.atomic.api.request.ExecuteBody;
import dev.atomic.api.request.GenerateBody;
import dev.atomic.api.status.Models;
import dev.atomic.api.submission.IdempotencyKey;
import dev.atomic.api.submission.Repeats;
import dev.atomic.api.submission.Submission;
import dev.atomic.api.submission.Submitted;
import dev.atomic.api.succession.FollowUps;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.webhook.WebhookRules;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/// From a request body to an admitted job: validate, idempotency, limits, insert. The one way in
/// for REST and WebSocket.
///
/// Thread-safe.
@Component
public final class Submissions {
    private final Models models;
    private final GenerateBody generate;
    private final ExecuteBody execute;
    private final FollowUps followUps;
    private final Admission admission;
    private final AdmissionSpans spans;

    Submissions(
            ApiSettings settings,
            WebhookRules webhooks,
            Models models,
            FollowUps followUps,
            Admission admission,
            AdmissionSpans spans) {
        this.models = models;
        this.generate = new GenerateBody(settings, webhooks);
        this.execute = new ExecuteBody(settings);
        this.followUps = followUps;
        this.admission = admission;
        this.spans = spans;
    }

    /// Returns once the job is committed.
    ///
    /// @throws dev.atomic.api.problem.ProblemException when it is refused
    public Submitted submit(
            String tenant, Kind kind, JsonNode body, @Nullable String idempotencyKey) {
        return admit(validate(tenant, kind, body, idempotencyKey));
    }

    /// The first half, after which the body is needed no more.
    ///
    /// @throws dev.atomic.api.problem.ProblemException when it is refused
    public Submission.Request validate(
            String tenant, Kind kind, JsonNode body, @Nullable String idempotencyKey) {
        return validate(tenant, kind, body, idempotencyKey, Repeats.BY_KEY);
    }

    /// The same for a client that may try again by itself. Its key, if it has one, goes before.
    ///
    /// @throws dev.atomic.api.problem.ProblemException when it is refused
    public Submission.Request validate(
            String tenant,
            Kind kind,
            JsonNode body,
            @Nullable String idempotencyKey,
            Repeats repeats) {
        IdempotencyKey.check(idempotencyKey);
        Submission submission =
                switch (kind) {
                    case GENERATE -> generate(tenant, body);
                    case EXECUTE -> execute.read(body);
                };
        if (idempotencyKey != null) {
            String hash = CanonicalJson.sha256(body);
            return new Submission.Request(tenant, submission, idempotencyKey, hash);
        }
        if (repeats == Repeats.BY_KEY) {
            return new Submission.Request(tenant, submission, null, "");
        }
        String hash = CanonicalJson.sha256(body);
        return new Submission.Request(tenant, submission, Repeats.key(hash), hash, repeats);
    }

    /// The second half. Returns once the job is committed.
    ///
    /// @throws dev.atomic.api.problem.ProblemException when it is refused
    public Submitted admit(Submission.Request request) {
        AdmissionSpans.Begun span = spans.begin();
        try {
            Submitted submitted = admission.admit(request.in(span.trace()));
            span.admitted(submitted);
            return submitted;
        } catch (RuntimeException e) {
            span.refused(e);
            throw e;
        }
    }

    private Submission generate(String tenant, JsonNode body) {
        Submission submission = generate.read(body);
        String model = submission.input().model();
        if (model != null) {
            models.require(model);
        }
        JsonNode previous = body.path(GenerateBody.PREVIOUS_JOB);
        return previous.isString()
                ? followUps.begin(tenant, submission, previous.stringValue())
                : submission;
    }
}
