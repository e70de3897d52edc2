package dev.atomic.api.mcp;

import dev.atomic.api.tenant.Scope;
import dev.atomic.shared.Json;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What an agent can do here. Descriptions are written for models: they decide by them.
enum Tool {
    RUN_CODE(
            "Run code in a fresh sandbox without network, and get a verdict: exit code, output, and"
                    + " tests passed if there are test files. Languages: python, javascript, c, cpp,"
                    + " bash.",
            """
            {"type":"object","required":["language"],"additionalProperties":false,"properties":{
             "language":{"type":"string","enum":["python","javascript","c","cpp","bash"]},
             "code":{"type":"string","description":"One file's text. Use this or files."},
             "files":{"type":"array","maxItems":200,"items":{"type":"object","required":["path","content"],
               "properties":{"path":{"type":"string"},"content":{"type":"string"},
                             "encoding":{"type":"string","enum":["utf-8","base64"]}}},
               "description":"Files by relative path; main.* is run, or the tests if there are some."},
             "stdin":{"type":"string"},
             "args":{"type":"array","items":{"type":"string"}},
             "limits":{"type":"object","description":"memory_mb, cpu_millicores, timeout_seconds, pids: only tighter than the configured ones."},
             "verify":{"type":"object","description":"What has to hold: kind, files (tests), cases, requests."},
             "cancel_on_disconnect":{"type":"boolean","default":false}}}\
            """),
    GENERATE_CODE(
            "Have a program written from a prompt, run and tested in the sandbox, and repaired if it"
                    + " doesn't pass. Takes minutes: when this returns before the job has finished,"
                    + " call get_job with its job_id.",
            """
            {"type":"object","required":["prompt"],"additionalProperties":false,"properties":{
             "prompt":{"type":"string","minLength":1},
             "language":{"type":"string","default":"python"},
             "files":{"type":"array","maxItems":200,"items":{"type":"object","required":["path","content"],
               "properties":{"path":{"type":"string"},"content":{"type":"string"},
                             "encoding":{"type":"string","enum":["utf-8","base64"]}}},
               "description":"Files to start from."},
             "verify":{"type":"object","description":"What has to hold: policy, kind, files (your tests), cases, requests."},
             "previous_job_id":{"type":"string","description":"A finished job to change or extend."},
             "cancel_on_disconnect":{"type":"boolean","default":false}}}\
            """),
    GET_JOB(
            "How a job stands, and its result when it has finished.",
            """
            {"type":"object","required":["job_id"],"additionalProperties":false,"properties":{
             "job_id":{"type":"string"},
             "wait":{"type":"integer","minimum":0,"maximum":25,"default":0,
                     "description":"Seconds to wait for its end."}}}\
            """),
    CANCEL_JOB(
            "Stop a job. Its partial text and files are kept.",
            """
            {"type":"object","required":["job_id"],"additionalProperties":false,"properties":{
             "job_id":{"type":"string"}}}\
            """),
    LIST_FILES(
            "The files of a job.",
            """
            {"type":"object","required":["job_id"],"additionalProperties":false,"properties":{
             "job_id":{"type":"string"}}}\
            """,
            """
            {"type":"object","required":["job_id","files"],"properties":{
             "job_id":{"type":"string"},
             "files":{"type":"array","items":{"type":"object","required":["path","size","origin"],
               "properties":{"path":{"type":"string"},"size":{"type":"integer"},"origin":{"type":"string"}}}}}}\
            """),
    READ_FILE(
            "A file of a job, at most 8 KiB of its text. next_offset is where the rest begins.",
            """
            {"type":"object","required":["job_id","path"],"additionalProperties":false,"properties":{
             "job_id":{"type":"string"},
             "path":{"type":"string"},
             "offset":{"type":"integer","minimum":0,"default":0,"description":"Characters to skip."}}}\
            """,
            """
            {"type":"object","required":["path","text","total_characters","next_offset"],"properties":{
             "path":{"type":"string"},"text":{"type":"string"},"total_characters":{"type":"integer"},
             "next_offset":{"type":["integer","null"]}}}\
            """);

    private final String description;
    private final String input;
    private final String output;

    /// The scopes of which one is needed to call it.
    Scope[] oneOf() {
        return switch (this) {
            case RUN_CODE -> new Scope[] {Scope.EXECUTE};
            case GENERATE_CODE -> new Scope[] {Scope.SUBMIT};
            case CANCEL_JOB -> new Scope[] {Scope.SUBMIT, Scope.EXECUTE};
            case GET_JOB, LIST_FILES, READ_FILE -> new Scope[] {Scope.READ};
        };
    }

    Tool(String description, String input) {
        this(description, input, null);
    }

    Tool(String description, String input, @Nullable String output) {
        this.description = description;
        this.input = input;
        this.output = output == null ? JobReport.SCHEMA : output;
    }

    /// The name on the wire.
    String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @return null when there is none of this name
    static @Nullable Tool of(String wire) {
        for (Tool tool : values()) {
            if (tool.wire().equals(wire)) {
                return tool;
            }
        }
        return null;
    }

    /// As `tools/list` has it.
    ObjectNode listed() {
        ObjectNode tool = Json.STORED.createObjectNode().put("name", wire());
        tool.put("description", description);
        tool.set("inputSchema", schema(input));
        tool.set("outputSchema", schema(output));
        boolean reads = this == GET_JOB || this == LIST_FILES || this == READ_FILE;
        tool.putObject("annotations")
                .put("readOnlyHint", reads)
                .put("destructiveHint", this == CANCEL_JOB)
                .put("openWorldHint", this == GENERATE_CODE);
        return tool;
    }

    private static JsonNode schema(String text) {
        return Json.STORED.readTree(text);
    }
}
