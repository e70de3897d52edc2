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
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/// Jobs and their files as resources: `atomic://jobs/{id}` and `atomic://jobs/{id}/files/{path}`.
///
/// Thread-safe.
@Component
final class JobDocuments implements Documents {
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

    /// There may be any number of jobs, so none is listed.
    @Override
    public List<ObjectNode> listed() {
        return List.of();
    }

    @Override
    public List<ObjectNode> templates() {
        ObjectNode job = template("atomic://jobs/{id}", "job", "A job with its result");
        return List.of(
                job.put("mimeType", "application/json"),
                template("atomic://jobs/{id}/files/{+path}", "file", "A file of a job"));
    }

    private static ObjectNode template(String uri, String name, String description) {
        ObjectNode template = Json.STORED.createObjectNode().put("uriTemplate", uri);
        return template.put("name", name).put("description", description);
    }

    @Override
    public @Nullable ObjectNode read(String uri, Caller caller) {
        Matcher parts = URI.matcher(uri);
        if (!parts.matches()) {
            return null;
        }
        caller.needs(Scope.READ);
        try (RequestMemory.Share share = memory.open()) {
            Job job = jobs.find(caller.tenant(), parts.group(1));
            ObjectNode result = Json.STORED.createObjectNode();
            ObjectNode content = result.putArray("contents").addObject().put("uri", uri);
            if (parts.group(2) == null) {
                share.take(resources.heap(job));
                content.put("mimeType", "application/json");
                content.put("text", Json.write(resources.of(job)));
                return result;
            }
            share.take(6L * (1 << 20));
            Optional<byte[]> bytes = files.read(job.id(), Role.WORKSPACE, parts.group(2));
            if (bytes.isEmpty()) {
                return null;
            }
            put(content, bytes.get());
            return result;
        } catch (ProblemException e) {
            if (e.status() == 404) {
                return null;
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
}
