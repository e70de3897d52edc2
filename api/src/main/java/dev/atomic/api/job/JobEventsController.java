package dev.atomic.api.job;

import dev.atomic.api.request.Query;
import dev.atomic.api.tenant.Caller;
import dev.atomic.api.tenant.JobFinder;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.event.LoggedEvent;
import dev.atomic.shared.job.JobHead;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/// A job's log, page by page. [dev.atomic.api.relay.stream.EventStreamController] gives it live.
@RestController
final class JobEventsController {
    /// About the most bytes of a page. A client that wants the rest asks again.
    static final long PAGE_BYTES = 1024 * 1024;

    private final JobFinder jobs;
    private final EventLog log;

    JobEventsController(JobFinder jobs, EventLog log) {
        this.jobs = jobs;
        this.log = log;
    }

    @GetMapping(path = "/api/jobs/{id}/events", produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<byte[]> events(
            HttpServletRequest request,
            @PathVariable String id,
            @AuthenticationPrincipal Caller caller) {
        Query query = Query.of(request, "after", "limit");
        long after = query.number("after", 0, 0, Long.MAX_VALUE);
        int limit = (int) query.number("limit", 500, 1, 1000);
        JobHead job = jobs.head(caller.tenant(), id);
        List<LoggedEvent> events = log.read(job.id(), after, limit, PAGE_BYTES).events();
        // The row was read first: the log may have grown since.
        long lastSeq =
                Math.max(job.course().lastSeq(), events.isEmpty() ? 0 : events.getLast().seq());
        // Events are stored as the JSON they are sent as: nothing is parsed on the way.
        String body =
                events.stream()
                        .map(LoggedEvent::wire)
                        .collect(
                                Collectors.joining(
                                        ",", "{\"events\":[", "],\"last_seq\":" + lastSeq + "}"));
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .body(body.getBytes(StandardCharsets.UTF_8));
    }
}
