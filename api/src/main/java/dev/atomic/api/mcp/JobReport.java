package dev.atomic.api.mcp;

import dev.atomic.api.answer.JobResource;
import dev.atomic.api.verdict.Verdicts;
import dev.atomic.shared.Json;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A job as a tool's result: fields, and short text that a model can act on. Pure.
final class JobReport {
    /// What the fields are.
    static final String SCHEMA =
            """
            {"type":"object","required":["job_id","status","finished"],"properties":{
             "job_id":{"type":"string"},
             "status":{"type":"string","enum":["queued","running","succeeded","failed","cancelled"]},
             "finished":{"type":"boolean"},
             "verdict":{"type":["string","null"]},
             "verification":{"type":["object","null"]},
             "error":{"type":["object","null"]},
             "files":{"type":"array","items":{"type":"object"}}}}\
            """;

    /// Ends a text that is cut. It has the verdict first, so what is cut matters least.
    private static final String CUT = "\n[cut; read_file has the rest]";

    private static final int MAX_OUTPUT = 2_000;
    private static final int MAX_FILES = 200;
    private static final Set<String> ENDED = Set.of("succeeded", "failed", "cancelled");

    private JobReport() {}

    static ObjectNode of(JobResource resource) {
        JsonNode job = Json.STORED.valueToTree(resource);
        JsonNode verification = job.path("verification");
        String status = job.path("status").asString("");
        ObjectNode fields = Json.STORED.createObjectNode().put("job_id", resource.id());
        fields.put("status", status).put("finished", ENDED.contains(status));
        fields.put("verdict", verification.isObject() ? Verdicts.words(verification) : null);
        fields.set("verification", verification.isObject() ? brief(verification) : null);
        fields.set("error", job.path("error"));
        var files = fields.putArray("files");
        for (JsonNode file : job.path("files")) {
            if (files.size() < MAX_FILES) {
                ObjectNode entry = files.addObject();
                for (String name : new String[] {"path", "size", "origin"}) {
                    entry.set(name, file.path(name));
                }
            }
        }
        ObjectNode result = Json.STORED.createObjectNode();
        String text = text(fields, job.path("content").asString(""));
        result.putArray("content").addObject().put("type", "text").put("text", text);
        result.set("structuredContent", fields);
        // A job that fails is something a model can act on, and no error of the protocol.
        return result.put("isError", status.equals("failed") || status.equals("cancelled"));
    }

    private static ObjectNode brief(JsonNode verification) {
        ObjectNode brief = Json.STORED.createObjectNode();
        for (String name :
                new String[] {
                    "status",
                    "kind",
                    "evidence",
                    "tests",
                    "score",
                    "exit_code",
                    "signal",
                    "reason",
                    "limit",
                    "repairs",
                    "duration_ms"
                }) {
            brief.set(name, verification.path(name));
        }
        brief.put("stdout", tail(verification.path("stdout").asString(""), MAX_OUTPUT));
        return brief.put("stderr", tail(verification.path("stderr").asString(""), MAX_OUTPUT));
    }

    private static String text(ObjectNode fields, String content) {
        StringBuilder text = new StringBuilder();
        String id = fields.path("job_id").asString("");
        if (!fields.path("finished").asBoolean(false)) {
            text.append("The job is ").append(fields.path("status").asString(""));
            text.append(". Call get_job with job_id ").append(id).append(" and wait 25.\n");
        } else if (fields.path("error").isObject()) {
            text.append("FAILED: ").append(fields.path("error").path("code").asString(""));
            text.append(": ").append(fields.path("error").path("message").asString(""));
            text.append('\n');
        } else if (fields.path("status").asString("").equals("cancelled")) {
            text.append("CANCELLED\n");
        }
        append(text, "Verdict: ", fields.path("verdict").asString(""));
        append(text, "stdout:\n", fields.path("verification").path("stdout").asString(""));
        append(text, "stderr:\n", fields.path("verification").path("stderr").asString(""));
        text.append("job_id: ").append(id).append('\n');
        for (JsonNode file : fields.path("files")) {
            append(text, "file: ", file.path("path").asString(""));
        }
        if (fields.path("finished").asBoolean(false)) {
            append(text, "\n", content);
        }
        String whole = text.toString();
        if (ShortText.end(whole, 0, ShortText.MAX_BYTES) == whole.length()) {
            return whole;
        }
        int end = ShortText.end(whole, 0, ShortText.MAX_BYTES - CUT.length());
        return whole.substring(0, end) + CUT;
    }

    private static void append(StringBuilder text, String label, String value) {
        if (!value.isEmpty()) {
            text.append(label).append(value).append(value.endsWith("\n") ? "" : "\n");
        }
    }

    private static String tail(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int from = text.length() - most;
        return text.substring(Character.isLowSurrogate(text.charAt(from)) ? from + 1 : from);
    }
}
