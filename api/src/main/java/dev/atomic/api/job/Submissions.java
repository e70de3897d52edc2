package dev.atomic.api.job;

import dev.atomic.api.ApiSettings;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.ProblemException.FieldError;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.Kind;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/// From a request body to an admitted job: validate, idempotency, limits, insert. The one way in
/// for REST and WebSocket.
///
/// Thread-safe.
@Component
public final class Submissions {
    private static final int LONGEST_KEY = 255;

    private final GenerateBody generate;
    private final ExecuteBody execute;
    private final FollowUps followUps;
    private final Admission admission;

    Submissions(ApiSettings settings, FollowUps followUps, Admission admission) {
        this.generate = new GenerateBody(settings);
        this.execute = new ExecuteBody(settings);
        this.followUps = followUps;
        this.admission = admission;
    }

    /// @param replayed whether the job is that of an earlier request with the same key
    /// @param asAdmitted how the job stood when it was committed; null when it has to be read
    public record Submitted(UUID jobId, boolean replayed, @Nullable Admitted asAdmitted) {}

    /// A job without files, just admitted: all its resource is made of, known without reading.
    ///
    /// @param queuePosition 1 is next
    record Admitted(Job job, int queuePosition) {}

    /// Returns once the job is committed.
    ///
    /// @throws dev.atomic.api.problem.ProblemException when it is refused
    public Submitted submit(
            String tenant, Kind kind, JsonNode body, @Nullable String idempotencyKey) {
        if (idempotencyKey != null) {
            checkKey(idempotencyKey);
        }
        Submission submission =
                switch (kind) {
                    case GENERATE -> generate(tenant, body);
                    case EXECUTE -> execute.read(body);
                };
        String hash = idempotencyKey == null ? "" : CanonicalJson.sha256(body);
        return admission.admit(new Submission.Request(tenant, submission, idempotencyKey, hash));
    }

    private Submission generate(String tenant, JsonNode body) {
        Submission submission = generate.read(body);
        JsonNode previous = body.path(GenerateBody.PREVIOUS_JOB);
        return previous.isString()
                ? followUps.begin(tenant, submission, previous.stringValue())
                : submission;
    }

    static void checkKey(String key) {
        if (key.isEmpty()
                || key.length() > LONGEST_KEY
                || UnstorableText.isUnstorable(key)
                || key.chars().anyMatch(Character::isISOControl)) {
            String message = "must have 1 to " + LONGEST_KEY + " printable characters";
            throw new ProblemException(
                    400,
                    "invalid_request",
                    "Idempotency-Key " + message + ".",
                    List.of(new FieldError("Idempotency-Key", message)),
                    null);
        }
    }
}
