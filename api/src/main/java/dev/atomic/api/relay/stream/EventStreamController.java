package dev.atomic.api.relay.stream;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.relay.tail.Bell;
import dev.atomic.api.relay.tail.EventCursor;
import dev.atomic.api.relay.tail.EventTail;
import dev.atomic.api.relay.tail.Sequence;
import dev.atomic.api.tenant.Caller;
import dev.atomic.shared.event.LoggedEvent;
import dev.atomic.shared.job.JobHead;
import dev.atomic.shared.job.JobId;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.problem.ProblemCode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// A job's events as server-sent events, live until the terminal one.
///
/// The request's own virtual thread follows and writes: no asynchronous dispatch, so no timeout of
/// the container cuts it, and a client that reads slowly holds up only itself. A client that is
/// gone is noticed at the next write, at the latest a comment ([StreamTimes]).
@RestController
public final class EventStreamController {
    private static final Logger LOG = LoggerFactory.getLogger(EventStreamController.class);

    private final EventTail tail;
    private final JobStore jobs;
    private final StreamTimes times;

    EventStreamController(EventTail tail, JobStore jobs, StreamTimes times) {
        this.tail = tail;
        this.jobs = jobs;
        this.times = times;
    }

    /// @param lastEventId what a client that lost its connection saw last; goes before `after`,
    ///   which stays in the address it connects to again
    @GetMapping(path = "/api/jobs/{id}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    public void stream(
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String after,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastEventId,
            HttpServletRequest request,
            HttpServletResponse response,
            @AuthenticationPrincipal Caller caller)
            throws InterruptedException {
        JobHead job =
                JobId.parse(id)
                        .flatMap(uuid -> jobs.head(caller.tenant(), uuid))
                        .orElseThrow(() ->
                                new ProblemException(
                                        ProblemCode.NOT_FOUND, "There is no such job."));
        long from =
                lastEventId != null && !lastEventId.isEmpty()
                        ? Sequence.parse("Last-Event-ID", lastEventId)
                        : Sequence.parse("after", after);
        response.setHeader("Cache-Control", "no-store");
        if (job.course().state().isTerminal() && from >= job.course().lastSeq()) {
            response.setStatus(HttpServletResponse.SC_NO_CONTENT);
            return;
        }
        response.setContentType("text/event-stream;charset=UTF-8");
        response.setHeader("X-Accel-Buffering", "no");
        if (request.getMethod().equals("HEAD")) {
            return;
        }
        Bell bell = new Bell();
        try (EventCursor cursor = tail.follow(job.id(), from, job.course().lastSeq(), bell)) {
            send(cursor, bell, response.getOutputStream());
        } catch (IOException e) {
            LOG.debug("the client of an event stream is gone: {}", e.getMessage());
        }
    }

    private void send(EventCursor cursor, Bell bell, OutputStream out)
            throws IOException, InterruptedException {
        // Sends the headers: a client is connected before the first event.
        out.write(ServerSentEvents.COMMENT);
        out.flush();
        long commentDue = System.nanoTime() + times.comment().toNanos();
        while (!tail.isStopping()) {
            var events = cursor.poll();
            for (LoggedEvent event : events) {
                out.write(ServerSentEvents.format(event));
            }
            if (cursor.isEnded()) {
                return;
            }
            if (!events.isEmpty()) {
                out.flush();
                commentDue = System.nanoTime() + times.comment().toNanos();
                continue;
            }
            long left = commentDue - System.nanoTime();
            if (left > 0) {
                bell.await(left);
            } else {
                out.write(ServerSentEvents.COMMENT);
                out.flush();
                commentDue = System.nanoTime() + times.comment().toNanos();
            }
        }
    }
}
