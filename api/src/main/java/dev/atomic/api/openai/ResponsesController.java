package dev.atomic.api.openai;

import dev.atomic.api.job.Cancellation;
import dev.atomic.api.job.Deletion;
import dev.atomic.api.job.TerminalEvents;
import dev.atomic.api.job.Waiters;
import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.openai.fold.ResponseFolds;
import dev.atomic.api.openai.fold.ResponseHead;
import dev.atomic.api.relay.tail.Sequence;
import dev.atomic.api.request.Query;
import dev.atomic.api.tenant.Caller;
import dev.atomic.shared.Json;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobState;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// OpenAI's Responses over jobs. Each method is what its route does, in order.
@RestController
final class ResponsesController {
    /// How long a response that is neither streamed nor in the background is waited for. The SDKs
    /// give up after 10 minutes, and would try again.
    static final Duration PATIENCE = Duration.ofSeconds(580);

    /// How long a job that is being cancelled is waited for, so that the answer says so.
    private static final Duration UNTIL_CANCELLED = Duration.ofSeconds(5);

    private final RequestMemory memory;
    private final Entrance entrance;
    private final ResponseFolds folds;
    private final ResponseStreams streams;
    private final Waiters waiters;
    private final TerminalEvents ends;
    private final Cancellation cancellation;
    private final Deletion deletion;

    ResponsesController(
            RequestMemory memory,
            Entrance entrance,
            ResponseFolds folds,
            ResponseStreams streams,
            Waiters waiters,
            TerminalEvents ends,
            Cancellation cancellation,
            Deletion deletion) {
        this.memory = memory;
        this.entrance = entrance;
        this.folds = folds;
        this.streams = streams;
        this.waiters = waiters;
        this.ends = ends;
        this.cancellation = cancellation;
        this.deletion = deletion;
    }

    @PostMapping(path = "/v1/responses", consumes = MediaType.APPLICATION_JSON_VALUE)
    void create(
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
                        ResponseBody.SHAPE,
                        caller.tenant());
        if (begun.wants().stream()) {
            stream(folds.job(caller.tenant(), begun.job()), -1, response);
            return;
        }
        if (!begun.wants().background()) {
            waiters.await(begun.job(), PATIENCE);
        }
        answer(folds.job(caller.tenant(), begun.job()), response);
    }

    /// With `starting_after`, the number of the last event that the client has, only what follows.
    @GetMapping("/v1/responses/{id}")
    void get(
            HttpServletRequest request,
            HttpServletResponse response,
            @PathVariable String id,
            @AuthenticationPrincipal Caller caller)
            throws IOException, InterruptedException {
        refuseUnknown(
                request, "stream", "starting_after", "include", "include[]", "include_obfuscation");
        Boolean stream = flag(request, "stream");
        String after = request.getParameter("starting_after");
        if (after != null && !Boolean.TRUE.equals(stream)) {
            throw Query.wrong("starting_after", "needs stream=true");
        }
        long seen = after == null ? -1 : Sequence.parse("starting_after", after);
        Job job = folds.job(caller.tenant(), folds.jobId(id));
        if (Boolean.TRUE.equals(stream)) {
            stream(job, seen, response);
        } else {
            answer(job, response);
        }
    }

    @PostMapping("/v1/responses/{id}/cancel")
    void cancel(
            HttpServletRequest request,
            HttpServletResponse response,
            @PathVariable String id,
            @AuthenticationPrincipal Caller caller)
            throws IOException {
        Query.of(request);
        UUID job = folds.job(caller.tenant(), folds.jobId(id)).id();
        if (folds.job(caller.tenant(), job).course().state() != JobState.CANCELLED) {
            cancellation.cancel(caller.tenant(), job);
            // Whether it has ended is seen from its log.
            boolean _ = ends.awaitTerminal(job, UNTIL_CANCELLED);
        }
        answer(folds.job(caller.tenant(), job), response);
    }

    @DeleteMapping("/v1/responses/{id}")
    void delete(
            HttpServletRequest request,
            HttpServletResponse response,
            @PathVariable String id,
            @AuthenticationPrincipal Caller caller)
            throws IOException {
        Query.of(request);
        UUID job = folds.job(caller.tenant(), folds.jobId(id)).id();
        deletion.delete(caller.tenant(), job);
        ObjectNode deleted = Json.STORED.createObjectNode();
        deleted.put("id", ResponseHead.PREFIX + job).put("object", "response");
        write(response, deleted.put("deleted", true));
    }

    @GetMapping("/v1/responses/{id}/input_items")
    void inputItems(
            HttpServletRequest request,
            HttpServletResponse response,
            @PathVariable String id,
            @AuthenticationPrincipal Caller caller)
            throws IOException {
        refuseUnknown(request, "after", "limit", "order", "include", "include[]");
        Job job = folds.job(caller.tenant(), folds.jobId(id));
        String item = "msg_" + job.id() + "_input";
        ObjectNode list = Json.STORED.createObjectNode().put("object", "list");
        var data = list.putArray("data");
        boolean isSeen = item.equals(request.getParameter("after"));
        if (!isSeen) {
            ObjectNode message = data.addObject().put("id", item).put("type", "message");
            message.put("status", "completed").put("role", "user");
            message.putArray("content")
                    .addObject()
                    .put("type", "input_text")
                    .put("text", job.asked().input().prompt());
        }
        list.put("first_id", isSeen ? null : item).put("last_id", isSeen ? null : item);
        write(response, list.put("has_more", false));
    }

    private static void refuseUnknown(HttpServletRequest request, String... known) {
        for (String name : request.getParameterMap().keySet()) {
            if (!Set.of(known).contains(name)) {
                throw Query.wrong(name, "isn't a known parameter");
            }
        }
    }

    private static @Nullable Boolean flag(HttpServletRequest request, String name) {
        String value = request.getParameter(name);
        if (value == null) {
            return null;
        }
        if (!value.equals("true") && !value.equals("false")) {
            throw Query.wrong(name, "must be true or false");
        }
        return value.equals("true");
    }

    private void stream(Job job, long seen, HttpServletResponse response)
            throws IOException, InterruptedException {
        streams.write(job, response, event -> event.number() > seen ? event.wire() : new byte[0]);
    }

    private void answer(Job job, HttpServletResponse response) throws IOException {
        try (RequestMemory.Share share = memory.open()) {
            write(response, folds.now(job, share));
        }
    }

    static void write(HttpServletResponse response, JsonNode body) throws IOException {
        response.setContentType(MediaType.APPLICATION_JSON_VALUE);
        response.setHeader("Cache-Control", "no-store");
        response.getOutputStream().write(Json.write(body).getBytes(StandardCharsets.UTF_8));
    }
}
