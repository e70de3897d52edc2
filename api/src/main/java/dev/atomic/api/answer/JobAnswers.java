package dev.atomic.api.answer;

import dev.atomic.shared.Json;
import dev.atomic.shared.job.FileStore;
import dev.atomic.shared.job.Job;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/// From a job to an answer with its resource.
@Component
public final class JobAnswers {
    private final JobResources resources;

    JobAnswers(JobResources resources) {
        this.resources = resources;
    }

    /// The resource of a job that was named.
    public ResponseEntity<JobResource> ok(Job job) {
        JobResource resource = resources.of(job);
        return ResponseEntity.ok()
                .cacheControl(CacheControl.noCache())
                .eTag(tag(resource))
                .body(resource);
    }

    /// The resource of a job that was accepted, or that somebody has begun to cancel.
    public ResponseEntity.BodyBuilder accepted(UUID job) {
        return begin(HttpStatus.ACCEPTED, job);
    }

    /// `200` when the job has finished, however, else `202`.
    public ResponseEntity.BodyBuilder finishedOrAccepted(Job job) {
        return begin(job.state().isTerminal() ? HttpStatus.OK : HttpStatus.ACCEPTED, job.id());
    }

    private static ResponseEntity.BodyBuilder begin(HttpStatus status, UUID job) {
        return ResponseEntity.status(status)
                .location(URI.create("/api/jobs/" + job))
                .cacheControl(CacheControl.noStore());
    }

    /// Changes with all of the resource but its place in the queue, which others change.
    private static String tag(JobResource resource) {
        ObjectNode tree = Json.STORED.valueToTree(resource);
        tree.remove("queue_position");
        byte[] bytes = tree.toString().getBytes(StandardCharsets.UTF_8);
        return '"' + FileStore.sha256(bytes).substring(0, 32) + '"';
    }
}
