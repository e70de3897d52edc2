package dev.atomic.api.mcp;

import dev.atomic.api.answer.JobResources;
import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.tenant.Caller;
import dev.atomic.api.tenant.JobFinder;
import dev.atomic.api.tenant.Scope;
import dev.atomic.shared.Json;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.FileStore.Role;
import dev.atomic.shared.job.Job;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Jobs and their files as resources: `atomic://jobs/{id}` and `atomic://jobs/{id}/files/{path}`.
///
/// Thread-safe.
@Component
final class JobDocuments {
    private static final Pattern URI = Pattern.compile("atomic://jobs/([^/]+)(?:/files/(.+))?");

    private final JobFinder jobs;
    private final JobResources resources;
    private final FileStore files;
    private final RequestMemory memory;

    JobDocuments(JobFinder jobs, JobResources resources, FileStore files, RequestMemory memory) {
        this.jobs = jobs;
        this.resources = resources;
        this.files = files;
        this.memory = memory;
    }

    static JsonNode templates() {
        return Json.STORED.readTree(
                """
                {"resourceTemplates":[
                 {"uriTemplate":"atomic://jobs/{id}","name":"job","description":"A job with its result","mimeType":"application/json"},
                 {"uriTemplate":"atomic://jobs/{id}/files/{+path}","name":"file","description":"A file of a job"}]}\
                """);
    }

    /// @throws RpcError when there is no such resource
    JsonNode read(String uri, Caller caller) throws RpcError {
        Matcher parts = URI.matcher(uri);
        if (!parts.matches()) {
            throw notFound(uri);
        }
        try (RequestMemory.Share share = memory.open()) {
            caller.needs(Scope.READ);
            Job job = jobs.find(caller.tenant(), parts.group(1));
            ObjectNode result = Json.STORED.createObjectNode();
            ObjectNode content = result.putArray("contents").addObject().put("uri", uri);
            if (parts.group(2) == null) {
                share.take(resources.heap(job));
                content.put("mimeType", "application/json");
                content.put("text", Json.write(resources.of(job)));
            } else {
                share.take(6L * (1 << 20));
                byte[] bytes =
                        files.read(job.id(), Role.WORKSPACE, parts.group(2))
                                .orElseThrow(() -> notFound(uri));
                put(content, bytes);
            }
            return result;
        } catch (ProblemException e) {
            if (e.status() == 404) {
                throw notFound(uri);
            }
            throw e;
        }
    }

    private static void put(ObjectNode content, byte[] bytes) {
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            content.put("mimeType", "text/plain").put("text", text);
        } catch (CharacterCodingException e) {
            content.put("mimeType", "application/octet-stream");
            content.put("blob", Base64.getEncoder().encodeToString(bytes));
        }
    }

    private static RpcError notFound(String uri) {
        return new RpcError(RpcError.RESOURCE_NOT_FOUND, "There is no resource " + uri);
    }
}
