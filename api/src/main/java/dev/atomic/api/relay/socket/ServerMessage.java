package dev.atomic.api.relay.socket;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.shared.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The messages we send that are not events, as JSON. Pure.
final class ServerMessage {
    private ServerMessage() {}

    /// @param replayed whether the job is that of an earlier message with the same key
    static String accepted(UUID job, boolean replayed, @Nullable String ref) {
        Map<String, Object> message = about("accepted", job.toString(), ref);
        if (replayed) {
            message.put("replayed", true);
        }
        return Json.write(message);
    }

    static String subscribed(UUID job, long lastSeq, @Nullable String ref) {
        Map<String, Object> message = about("subscribed", job.toString(), ref);
        message.put("last_seq", lastSeq);
        return Json.write(message);
    }

    static String unsubscribed(UUID job, @Nullable String ref) {
        return Json.write(about("unsubscribed", job.toString(), ref));
    }

    static String cancelling(UUID job, @Nullable String ref) {
        return Json.write(about("cancelling", job.toString(), ref));
    }

    /// @param resource the job's
    static String complete(UUID job, Object resource) {
        Map<String, Object> message = about("complete", job.toString(), null);
        message.put("result", resource);
        return Json.write(message);
    }

    /// A job has failed.
    static String failed(UUID job, String error, String code) {
        Map<String, Object> message = about("error", job.toString(), null);
        message.put("error", error);
        message.put("code", code);
        return Json.write(message);
    }

    /// A message is refused.
    static String refused(ProblemException problem, @Nullable String job, @Nullable String ref) {
        Map<String, Object> message = about("error", job, ref);
        message.put("error", problem.detail());
        message.put("code", problem.code());
        if (!problem.errors().isEmpty()) {
            message.put("errors", problem.errors());
        }
        Integer retryAfter = problem.retryAfterSeconds();
        if (retryAfter != null) {
            message.put("retry_after", retryAfter);
        }
        return Json.write(message);
    }

    private static Map<String, Object> about(
            String type, @Nullable String job, @Nullable String ref) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("type", type);
        if (job != null) {
            message.put("job_id", job);
        }
        if (ref != null) {
            message.put("ref", ref);
        }
        return message;
    }
}
