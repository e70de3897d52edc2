package dev.atomic.api.mcp;

import dev.atomic.api.job.Cancellation;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.tenant.JobFinder;
import dev.atomic.api.tenant.Scope;
import dev.atomic.shared.Json;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.problem.ProblemCode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.UUID;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Jobs as tasks of the extension: a client that takes tasks gets the job's id for a result, and
/// asks for the job as it would for any server's task.
///
/// Thread-safe.
@Component
final class Tasks {
    static final String EXTENSION = "io.modelcontextprotocol/tasks";

    private static final int POLL_MS = 1_000;

    private final JobFinder jobs;
    private final JobReports reports;
    private final Cancellation cancellation;

    Tasks(JobFinder jobs, JobReports reports, Cancellation cancellation) {
        this.jobs = jobs;
        this.reports = reports;
        this.cancellation = cancellation;
    }

    /// The result of a call whose job goes on.
    ObjectNode begun(Job job) {
        return fields(job).put("resultType", "task");
    }

    /// A job that failed is a call that came to a result, so its task is completed.
    ObjectNode get(Message message) throws RpcError {
        Job job = job(message, Scope.READ);
        ObjectNode task = fields(job);
        return switch (job.course().state()) {
            case SUCCEEDED, FAILED -> task.set("result", reports.of(job));
            case QUEUED, RUNNING, CANCELLED -> task;
        };
    }

    /// One that has ended stays as it is.
    ObjectNode cancel(Message message) throws RpcError {
        UUID id = job(message, Scope.SUBMIT, Scope.EXECUTE).id();
        try {
            cancellation.cancel(message.caller().tenant(), id);
        } catch (ProblemException e) {
            if (!e.code().equals(ProblemCode.ALREADY_FINISHED.wire())) {
                throw e;
            }
        }
        return Json.STORED.createObjectNode();
    }

    /// Our tasks never ask for anything, so every answer is to a question that isn't open.
    ObjectNode update(Message message) throws RpcError {
        var _ = job(message, Scope.SUBMIT, Scope.EXECUTE);
        return Json.STORED.createObjectNode();
    }

    private Job job(Message message, Scope... oneOf) throws RpcError {
        if (!message.envelope().takesTasks()) {
            throw RpcError.missingCapability(Message.requiredTasks());
        }
        message.caller().needs(oneOf);
        JsonNode id = message.params().path("taskId");
        try {
            return jobs.find(message.caller().tenant(), id.asString(""));
        } catch (ProblemException e) {
            if (e.status() == 404) {
                throw new RpcError(RpcError.INVALID_PARAMS, "There is no such task");
            }
            throw e;
        }
    }

    private static ObjectNode fields(Job job) {
        Job.Times times = job.times();
        Instant updated =
                Objects.requireNonNullElse(
                        times.finishedAt(),
                        Objects.requireNonNullElse(times.startedAt(), times.createdAt()));
        ObjectNode task = Json.STORED.createObjectNode().put("taskId", job.id().toString());
        task.put(
                "status",
                switch (job.course().state()) {
                    case QUEUED, RUNNING -> "working";
                    case SUCCEEDED, FAILED -> "completed";
                    case CANCELLED -> "cancelled";
                });
        task.put("statusMessage", "The job is " + job.course().state().wire());
        task.put("createdAt", times.createdAt().truncatedTo(ChronoUnit.MILLIS).toString());
        task.put("lastUpdatedAt", updated.truncatedTo(ChronoUnit.MILLIS).toString());
        // How long jobs are kept is the workers' setting, and counts from their end.
        return task.putNull("ttlMs").put("pollIntervalMs", POLL_MS);
    }
}
