package dev.atomic.api.job;

import dev.atomic.api.ApiSettings;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.ProblemException.FieldError;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.problem.ProblemCode;
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
    private static final int MAX_KEY_LENGTH = 255;

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
    public record Submitted(UUID jobId, boolean replayed, @Nullable Admitted asAdmitted) {
        /// The same without what it was made of, which may be large: to hold for long.
        Submitted withoutJob() {
            return new Submitted(jobId, replayed, null);
        }
    }

    /// A job without files, just admitted: all its resource is made of, known without reading.
    ///
    /// @param queuePosition 1 is next
    record Admitted(Job job, int queuePosition) {}

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
    Submission.Request validate(
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
        return new Submission.Request(tenant, submission, idempotencyKey, hash);
    }

    /// The second half. Returns once the job is committed.
    ///
    /// @throws dev.atomic.api.problem.ProblemException when it is refused
    Submitted admit(Submission.Request request) {
        return admission.admit(request);
    }

    private Submission generate(String tenant, JsonNode body) {
        Submission submission = generate.read(body);
        JsonNode previous = body.path(GenerateBody.PREVIOUS_JOB);
        return previous.isString()
                ? followUps.begin(tenant, submission, previous.stringValue())
                : submission;
    }

    /// What a header and a socket's message both carry as it is: HTTP reads other characters as
    /// ISO-8859-1 and drops spaces at the ends, so that one key would be two.
    static void checkKey(String key) {
        if (key.isEmpty()
                || key.length() > MAX_KEY_LENGTH
                || key.startsWith(" ")
                || key.endsWith(" ")
                || key.chars().anyMatch(c -> c < 0x20 || c > 0x7e)) {
            String message =
                    "must have 1 to "
                            + MAX_KEY_LENGTH
                            + " characters of printable ASCII, with no space at either end";
            throw new ProblemException(
                    ProblemCode.INVALID_REQUEST,
                    "Idempotency-Key " + message + ".",
                    List.of(new FieldError("Idempotency-Key", message)),
                    null);
        }
    }
}
