package dev.atomic.api.openai;

import dev.atomic.api.job.Waiters;
import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.openai.fold.ResponseFolds;
import dev.atomic.api.openai.fold.ResponseHead;
import dev.atomic.api.request.Query;
import dev.atomic.api.tenant.Caller;
import dev.atomic.shared.job.Job;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/// OpenAI's chat completions over jobs.
@RestController
final class ChatController {
    private final RequestMemory memory;
    private final Entrance entrance;
    private final ResponseFolds folds;
    private final ResponseStreams streams;
    private final Waiters waiters;

    ChatController(
            RequestMemory memory,
            Entrance entrance,
            ResponseFolds folds,
            ResponseStreams streams,
            Waiters waiters) {
        this.memory = memory;
        this.entrance = entrance;
        this.folds = folds;
        this.streams = streams;
        this.waiters = waiters;
    }

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
        Entrance.Begun begun =
                entrance.begin(
                        request,
                        new Entrance.Headers(key, retryCount),
                        ChatBody.SHAPE,
                        caller.tenant());
        if (begun.wants().stream()) {
            Job job = folds.job(caller.tenant(), begun.job());
            streams.write(
                    job,
                    response,
                    new ChatChunks(new ResponseHead(job), begun.wants().includeUsage()));
            return;
        }
        waiters.await(begun.job(), ResponsesController.PATIENCE);
        Job job = folds.job(caller.tenant(), begun.job());
        try (RequestMemory.Share share = memory.open()) {
            ResponsesController.write(response, ChatCompletion.of(folds.now(job, share)));
        }
    }
}
