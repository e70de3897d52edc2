package dev.atomic.api.openai;

import dev.atomic.api.admission.Submissions;
import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.request.JsonBody;
import dev.atomic.api.submission.Repeats;
import dev.atomic.api.submission.Submission;
import dev.atomic.shared.job.Kind;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/// How a request of either shape becomes a job.
///
/// Thread-safe.
@Component
final class Entrance {
    private final RequestMemory memory;
    private final Submissions submissions;

    Entrance(RequestMemory memory, Submissions submissions) {
        this.memory = memory;
        this.submissions = submissions;
    }

    /// @param key the client's for the request, if it has one
    /// @param retryCount how often the client's library has tried, if it says so
    record Headers(@Nullable String key, @Nullable String retryCount) {}

    /// A shape of requests.
    ///
    /// @param names of a job's fields, where the shape has others
    record Shape(Function<JsonNode, Asked> reader, Map<String, String> names) {}

    /// A job that has been admitted. Nothing else is left of the request while it is waited for.
    record Begun(UUID job, Asked.Wants wants) {}

    /// @throws ProblemException when it is refused, in the names of the shape
    Begun begin(HttpServletRequest request, Headers headers, Shape shape, String tenant)
            throws IOException {
        Submission.Request job;
        Asked.Wants wants;
        try (RequestMemory.Share share = memory.open()) {
            Asked asked = shape.reader().apply(JsonBody.read(request, share));
            wants = asked.wants();
            job =
                    submissions.validate(
                            tenant,
                            Kind.GENERATE,
                            asked.job(),
                            headers.key(),
                            Repeats.of(headers.retryCount()));
        } catch (ProblemException e) {
            throw Parameters.renamed(e, shape.names());
        }
        return new Begun(submissions.admit(job).jobId(), wants);
    }
}
