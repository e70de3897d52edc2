package dev.atomic.api.openai;

import dev.atomic.api.admission.Submissions;
import dev.atomic.api.job.Waiters;
import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.openai.fold.ResponseFolds;
import dev.atomic.api.openai.fold.ResponseHead;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.request.JsonBody;
import dev.atomic.api.request.Query;
import dev.atomic.api.submission.Repeats;
import dev.atomic.api.submission.Submission;
import dev.atomic.api.tenant.Caller;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.Kind;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/// OpenAI's chat completions over jobs.
@RestController
@Tag(name = "openai")
final class ChatController {
    private final RequestMemory memory;
    private final Submissions submissions;
    private final ResponseFolds folds;
    private final ResponseStreams streams;
    private final Waiters waiters;

    ChatController(
            RequestMemory memory,
            Submissions submissions,
            ResponseFolds folds,
            ResponseStreams streams,
            Waiters waiters) {
        this.memory = memory;
        this.submissions = submissions;
        this.folds = folds;
        this.streams = streams;
        this.waiters = waiters;
    }

    @Operation(summary = "A job in the shape of OpenAI's chat completions, streamed or not")
    @PostMapping(path = "/v1/chat/completions", consumes = MediaType.APPLICATION_JSON_VALUE)
    void complete(
            HttpServletRequest request,
            HttpServletResponse response,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestHeader(name = "X-Stainless-Retry-Count", required = false)
                    @Nullable String retryCount,
            @AuthenticationPrincipal Caller caller)
            throws IOException, InterruptedException {
        Query.of(request);
        Asked asked = validate(request, key, Repeats.of(retryCount), caller);
        UUID id = submissions.admit(asked.job()).jobId();
        if (asked.stream()) {
            Job job = folds.job(caller.tenant(), id);
            streams.write(
                    job, response, new ChatChunks(new ResponseHead(job), asked.includeUsage()));
            return;
        }
        waiters.await(id, ResponsesController.PATIENCE);
        Job job = folds.job(caller.tenant(), id);
        try (RequestMemory.Share share = memory.open()) {
            ResponsesController.write(response, ChatCompletion.of(folds.now(job, share)));
        }
    }

    private record Asked(Submission.Request job, boolean stream, boolean includeUsage) {}

    private Asked validate(
            HttpServletRequest request, @Nullable String key, Repeats repeats, Caller caller)
            throws IOException {
        try (RequestMemory.Share share = memory.open()) {
            ChatBody body = ChatBody.read(JsonBody.read(request, share));
            Submission.Request job =
                    submissions.validate(caller.tenant(), Kind.GENERATE, body.job(), key, repeats);
            return new Asked(job, body.stream(), body.includeUsage());
        } catch (ProblemException e) {
            throw Parameters.renamed(e, ChatBody.NAMES);
        }
    }
}
