package dev.atomic.shared.webhook;

import dev.atomic.shared.Json;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobState;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/// What a webhook says of a job that has ended: whose it is, and how it ended. A job that was asked
/// for as a response says so in the shape of OpenAI's events, which their libraries take apart.
/// Pure.
public final class WebhookBody {
    /// Where a job's metadata holds what only OpenAI's routes know of. Clients' own values there
    /// are texts, so they can't set it by those routes.
    public static final String RESPONSE = "openai";

    private WebhookBody() {}

    /// @param id the same for each attempt
    public static String of(Job job, String id) {
        Map<String, Object> says = new LinkedHashMap<>();
        if (job.asked().input().metadata().get(RESPONSE) instanceof Map<?, ?>) {
            Instant ended =
                    Objects.requireNonNullElse(job.times().finishedAt(), job.times().readAt());
            says.put("id", id);
            says.put("object", "event");
            says.put("created_at", ended.getEpochSecond());
            says.put("type", type(job.course().state()));
            says.put("data", Map.of("id", "resp_" + job.id()));
        } else {
            says.put("id", job.id().toString());
            says.put("status", job.course().state().wire());
        }
        return Json.write(says);
    }

    private static String type(JobState state) {
        return switch (state) {
            case SUCCEEDED -> "response.completed";
            case FAILED -> "response.failed";
            case CANCELLED -> "response.cancelled";
            case QUEUED, RUNNING ->
                    throw new IllegalArgumentException("a job that is " + state.wire());
        };
    }
}
