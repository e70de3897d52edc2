package dev.atomic.api.dashboard;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.ProblemException.FieldError;
import dev.atomic.shared.job.JobId;
import dev.atomic.shared.problem.ProblemCode;
import dev.atomic.shared.queue.QueueStorage;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jobrunr.dashboard.ui.model.RecurringJobUIModel;
import org.jobrunr.dashboard.ui.model.VersionUIModel;
import org.jobrunr.jobs.states.StateName;
import org.jobrunr.storage.JobNotFoundException;
import org.jobrunr.storage.JobRunrMetadata;
import org.jobrunr.storage.RecurringJobsResult;
import org.jobrunr.storage.navigation.OffsetBasedPageRequest;
import org.jobrunr.utils.mapper.JsonMapper;
import org.jobrunr.utils.mapper.jackson3.Jackson3JsonMapper;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// What the dashboard's page asks for, out of JobRunr's tables: its deliveries, not our jobs.
@RestController
@RequestMapping("/dashboard/api")
final class DashboardQueries {
    private static final String ORDER = "(createdAt|updatedAt|scheduledAt):(ASC|DESC)";
    private static final int LARGEST_PAGE = 100;

    private final QueueStorage queue;
    private final JsonMapper json = new Jackson3JsonMapper();

    DashboardQueries(QueueStorage queue) {
        this.queue = queue;
    }

    @GetMapping("/jobs")
    ResponseEntity<String> jobs(
            @RequestParam(defaultValue = "ENQUEUED") String state,
            @RequestParam(defaultValue = "0") String offset,
            @RequestParam(defaultValue = "20") String limit,
            @RequestParam(defaultValue = "updatedAt:ASC") String order) {
        return answer(queue.getJobs(state(state), page(offset, limit, order)));
    }

    @GetMapping("/jobs/{id}")
    ResponseEntity<String> job(@PathVariable String id) {
        UUID uuid = JobId.parse(id).orElseThrow(DashboardQueries::notFound);
        try {
            return answer(queue.getJobById(uuid));
        } catch (JobNotFoundException e) {
            throw notFound();
        }
    }

    @GetMapping("/recurring-jobs")
    ResponseEntity<String> recurringJobs(
            @RequestParam(defaultValue = "0") String offset,
            @RequestParam(defaultValue = "20") String limit) {
        OffsetBasedPageRequest page = page(offset, limit, "updatedAt:ASC");
        RecurringJobsResult all = queue.getRecurringJobs();
        List<RecurringJobUIModel> shown =
                all.stream()
                        .skip(page.getOffset())
                        .limit(page.getLimit())
                        .map(RecurringJobUIModel::new)
                        .toList();
        return answer(page.mapToNewPage(all.size(), shown));
    }

    @GetMapping("/servers")
    ResponseEntity<String> servers() {
        return answer(queue.getBackgroundJobServers());
    }

    @GetMapping("/problems")
    ResponseEntity<String> problems() {
        return answer(DashboardProblems.of(queue));
    }

    /// Without the cluster's id the page reports no usage.
    @GetMapping("/version")
    ResponseEntity<String> version() {
        return answer(VersionUIModel.withoutAnonymousDataUsage());
    }

    @GetMapping("/metadata/{name}/{owner}")
    ResponseEntity<String> metadata(
            @PathVariable String name,
            @PathVariable String owner,
            @RequestParam(required = false) @Nullable String format) {
        JobRunrMetadata metadata = queue.getMetadata(name, owner);
        if (metadata == null) {
            throw notFound();
        }
        return "jsonValue".equals(format) ? body(metadata.getValue()) : answer(metadata);
    }

    /// In place of the vendor's news: none.
    @GetMapping("/vendor/{*path}")
    ResponseEntity<Void> vendor() {
        return ResponseEntity.noContent().build();
    }

    private static StateName state(String text) {
        for (StateName state : StateName.values()) {
            if (state.name().equals(text.toUpperCase(Locale.ROOT))) {
                return state;
            }
        }
        throw refused("state", "isn't one of JobRunr's states");
    }

    private static OffsetBasedPageRequest page(String offset, String limit, String order) {
        if (!offset.matches("[0-9]{1,9}")) {
            throw refused("offset", "must be a whole number, 0 or more");
        }
        if (!limit.matches("[0-9]{1,3}")
                || Integer.parseInt(limit) < 1
                || Integer.parseInt(limit) > LARGEST_PAGE) {
            throw refused("limit", "must be 1 to " + LARGEST_PAGE);
        }
        if (!order.matches(ORDER)) {
            throw refused("order", "must be a field and ASC or DESC, e.g. updatedAt:ASC");
        }
        return new OffsetBasedPageRequest(order, Long.valueOf(offset), Integer.valueOf(limit));
    }

    private ResponseEntity<String> answer(Object value) {
        return body(json.serialize(value));
    }

    private static ResponseEntity<String> body(String json) {
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .cacheControl(CacheControl.noStore())
                .body(json);
    }

    private static ProblemException notFound() {
        return new ProblemException(ProblemCode.NOT_FOUND, "JobRunr has nothing by this name.");
    }

    private static ProblemException refused(String field, String message) {
        return new ProblemException(
                ProblemCode.INVALID_REQUEST,
                field + " " + message + ".",
                List.of(new FieldError(field, message)),
                null);
    }
}
