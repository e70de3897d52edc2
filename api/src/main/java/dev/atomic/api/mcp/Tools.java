package dev.atomic.api.mcp;

import dev.atomic.api.admission.Submissions;
import dev.atomic.api.job.Cancellation;
import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.request.Query;
import dev.atomic.api.tenant.Caller;
import dev.atomic.api.tenant.JobFinder;
import dev.atomic.shared.Json;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.FileStore.Role;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Does what a tool says, through the doors that everyone uses.
///
/// Thread-safe.
@Component
final class Tools implements Toolbox {
    /// A call that takes longer answers with the job as it is: clients give up on calls, and jobs
    /// go on.
    private static final Duration PATIENCE = Duration.ofSeconds(25);

    /// The same for a client that takes the job as a task for the result. Most runs end sooner, and
    /// to write a program takes minutes anyway.
    private static final Duration PATIENCE_TO_RUN = Duration.ofSeconds(2);

    private static final Set<String> OF_RUN =
            Set.of(
                    "language",
                    "code",
                    "files",
                    "stdin",
                    "args",
                    "limits",
                    "verify",
                    "cancel_on_disconnect");
    private static final Set<String> OF_GENERATE =
            Set.of(
                    "prompt",
                    "language",
                    "files",
                    "verify",
                    "previous_job_id",
                    "cancel_on_disconnect");

    private final Submissions submissions;
    private final JobFinder jobs;
    private final JobReports reports;
    private final FileStore files;
    private final Cancellation cancellation;
    private final JobWait wait;
    private final Tasks tasks;
    private final RequestMemory memory;

    Tools(
            Submissions submissions,
            JobFinder jobs,
            JobReports reports,
            FileStore files,
            Cancellation cancellation,
            JobWait wait,
            Tasks tasks,
            RequestMemory memory) {
        this.submissions = submissions;
        this.jobs = jobs;
        this.reports = reports;
        this.files = files;
        this.cancellation = cancellation;
        this.wait = wait;
        this.tasks = tasks;
        this.memory = memory;
    }

    @Override
    public List<ObjectNode> listed() {
        return Stream.of(Tool.values()).map(Tool::listed).toList();
    }

    @Override
    public @Nullable Call prepare(String name, JsonNode given, Message message) {
        Tool tool = Tool.of(name);
        return tool == null ? null : prepare(tool, given, message.caller());
    }

    /// Reads the arguments; a job that is asked for is admitted by the call.
    ///
    /// @throws ProblemException when they are wrong
    private Call prepare(Tool tool, JsonNode given, Caller caller) {
        caller.needs(tool.oneOf());
        return switch (tool) {
            case RUN_CODE -> {
                Arguments arguments = new Arguments(given, OF_RUN);
                yield submit(caller, Kind.EXECUTE, arguments, arguments.bodyToRun());
            }
            case GENERATE_CODE -> {
                Arguments arguments = new Arguments(given, OF_GENERATE);
                yield submit(caller, Kind.GENERATE, arguments, arguments.body());
            }
            case GET_JOB -> {
                Arguments arguments = new Arguments(given, Set.of("job_id", "wait"));
                UUID job = jobs.id(arguments.text("job_id"));
                int seconds = arguments.number("wait", (int) PATIENCE.toSeconds());
                yield reply -> {
                    wait.until(caller, job, Duration.ofSeconds(seconds), reply);
                    return report(caller, job);
                };
            }
            case CANCEL_JOB -> {
                UUID job = jobs.id(new Arguments(given, Set.of("job_id")).text("job_id"));
                yield reply -> {
                    cancellation.cancel(caller.tenant(), job);
                    wait.until(caller, job, Duration.ofSeconds(5), reply);
                    return report(caller, job);
                };
            }
            case LIST_FILES -> {
                UUID job = jobs.id(new Arguments(given, Set.of("job_id")).text("job_id"));
                yield _ -> list(jobs.head(caller.tenant(), job).id());
            }
            case READ_FILE -> {
                Arguments arguments = new Arguments(given, Set.of("job_id", "path", "offset"));
                UUID job = jobs.id(arguments.text("job_id"));
                String path = arguments.text("path");
                int offset = arguments.number("offset", Integer.MAX_VALUE);
                yield _ -> read(jobs.head(caller.tenant(), job).id(), path, offset);
            }
        };
    }

    private Call submit(Caller caller, Kind kind, Arguments arguments, ObjectNode body) {
        boolean cancels = arguments.cancelsOnDisconnect();
        var request = submissions.validate(caller.tenant(), kind, body, null);
        return reply -> {
            UUID job = submissions.admit(request).jobId();
            try {
                wait.until(caller, job, patience(kind, reply), reply);
            } catch (IOException gone) {
                if (cancels) {
                    cancel(caller, job);
                }
                throw gone;
            }
            Job now = jobs.find(caller.tenant(), job);
            return reply.takesTasks() && !now.course().state().isTerminal()
                    ? tasks.begun(now)
                    : reports.of(now);
        };
    }

    private static Duration patience(Kind kind, Reply reply) {
        if (!reply.takesTasks()) {
            return PATIENCE;
        }
        return kind == Kind.GENERATE ? Duration.ZERO : PATIENCE_TO_RUN;
    }

    private void cancel(Caller caller, UUID job) {
        try {
            cancellation.cancel(caller.tenant(), job);
        } catch (ProblemException ended) {
            // It was quicker.
        }
    }

    private ObjectNode report(Caller caller, UUID id) {
        return reports.of(jobs.find(caller.tenant(), id));
    }

    private ObjectNode list(UUID job) {
        ObjectNode fields = Json.STORED.createObjectNode().put("job_id", job.toString());
        var list = fields.putArray("files");
        StringBuilder text = new StringBuilder();
        for (FileStore.Entry file : files.list(job, Role.WORKSPACE)) {
            list.addObject()
                    .put("path", file.path())
                    .put("size", file.size())
                    .put("origin", file.origin().wire());
            text.append(file.path()).append(" (").append(file.size()).append(" bytes)\n");
        }
        return result(text.isEmpty() ? "The job has no files." : text.toString(), fields);
    }

    private ObjectNode read(UUID job, String path, int offset) {
        FileStore.Entry entry =
                files.list(job, Role.WORKSPACE).stream()
                        .filter(file -> file.path().equals(path))
                        .findFirst()
                        .orElseThrow(() -> Query.wrong("path", "names no file of this job"));
        try (RequestMemory.Share share = memory.open()) {
            share.take(4L * entry.size());
            byte[] bytes = files.read(job, Role.WORKSPACE, path).orElse(new byte[0]);
            String whole = new String(bytes, StandardCharsets.UTF_8).replace('\0', '\uFFFD');
            int from = Math.min(offset, whole.length());
            int end = ShortText.end(whole, from, ShortText.MAX_BYTES);
            String text = whole.substring(from, end);
            ObjectNode fields = Json.STORED.createObjectNode().put("path", path);
            fields.put("text", text).put("total_characters", whole.length());
            fields.put("next_offset", end == whole.length() ? null : end);
            return result(text, fields);
        }
    }

    private static ObjectNode result(String text, ObjectNode fields) {
        ObjectNode result = Json.STORED.createObjectNode();
        result.putArray("content").addObject().put("type", "text").put("text", text);
        result.set("structuredContent", fields);
        return result.put("isError", false);
    }

    /// A refusal as a result: the model reads it and can do better.
    static ObjectNode refused(ProblemException refusal) {
        ObjectNode result = Json.STORED.createObjectNode();
        Integer after = refusal.retryAfterSeconds();
        String when = after == null ? "" : " Wait " + after + " s before you try again.";
        result.putArray("content")
                .addObject()
                .put("type", "text")
                .put("text", refusal.code() + ": " + refusal.detail() + when);
        return result.put("isError", true);
    }
}
