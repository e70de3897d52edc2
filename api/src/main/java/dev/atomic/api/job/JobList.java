package dev.atomic.api.job;

import static java.util.stream.Collectors.groupingBy;

import dev.atomic.shared.Json;
import dev.atomic.shared.job.Checkpoint;
import dev.atomic.shared.job.CheckpointStore;
import dev.atomic.shared.job.FileStore;
import dev.atomic.shared.job.FileStore.Role;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobId;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.job.WaitingJobs;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Pages of jobs, in four queries whatever their length.
@Component
final class JobList {
    private final JobStore jobs;
    private final WaitingJobs waiting;
    private final CheckpointStore checkpoints;
    private final FileStore files;

    JobList(JobStore jobs, WaitingJobs waiting, CheckpointStore checkpoints, FileStore files) {
        this.jobs = jobs;
        this.waiting = waiting;
        this.checkpoints = checkpoints;
        this.files = files;
    }

    /// Reads `status`, `kind`, `limit` and `cursor`.
    JobPage page(String tenant, Query query) {
        JobState state = query.choice("status", List.of(JobState.values()), JobState::wire);
        Kind kind = query.choice("kind", List.of(Kind.values()), Kind::wire);
        int limit = (int) query.number("limit", 50, 1, 100);
        // One more than asked for tells whether there is another page.
        List<Job> found = jobs.list(tenant, state, kind, cursor(query), limit + 1);
        List<Job> page = found.subList(0, Math.min(limit, found.size()));
        String next = found.size() > limit ? page.getLast().id().toString() : null;
        return new JobPage(items(page), next);
    }

    private static @Nullable UUID cursor(Query query) {
        String cursor = query.text("cursor");
        return cursor == null
                ? null
                : JobId.parse(cursor)
                        .orElseThrow(() -> Query.wrong("cursor", "isn't one that was given here"));
    }

    private List<JsonNode> items(List<Job> page) {
        List<UUID> ids = page.stream().map(Job::id).toList();
        Map<UUID, List<Checkpoint>> rounds =
                checkpoints.withVerdicts(ids).stream().collect(groupingBy(Checkpoint::jobId));
        Map<UUID, List<FileStore.Entry>> entries = files.list(ids, Role.WORKSPACE);
        Map<UUID, Integer> positions =
                page.stream().anyMatch(job -> job.state() == JobState.QUEUED)
                        ? positions()
                        : Map.of();
        return page.stream()
                .map(job ->
                        item(
                                JobResources.resource(
                                        job,
                                        rounds.getOrDefault(job.id(), List.of()),
                                        entries.getOrDefault(job.id(), List.of()),
                                        null,
                                        position(job, positions))))
                .toList();
    }

    private static @Nullable Integer position(Job job, Map<UUID, Integer> positions) {
        return job.state() == JobState.QUEUED
                ? positions.getOrDefault(job.id(), JobResources.EXACT_POSITIONS + 1)
                : null;
    }

    private Map<UUID, Integer> positions() {
        Map<UUID, Integer> positions = new HashMap<>();
        for (UUID id : waiting.next(JobResources.EXACT_POSITIONS)) {
            positions.put(id, positions.size() + 1);
        }
        return positions;
    }

    private static JsonNode item(JobResource resource) {
        ObjectNode item = Json.STORED.valueToTree(resource);
        item.remove(List.of("content", "spec", "docs"));
        if (item.get("verification") instanceof ObjectNode verification) {
            verification.remove(List.of("stdout", "stderr"));
        }
        return item;
    }
}
