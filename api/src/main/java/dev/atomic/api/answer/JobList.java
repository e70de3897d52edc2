package dev.atomic.api.answer;

import static java.util.stream.Collectors.groupingBy;

import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.request.Query;
import dev.atomic.api.submission.Admitted;
import dev.atomic.shared.Json;
import dev.atomic.shared.checkpoint.Checkpoint;
import dev.atomic.shared.checkpoint.CheckpointStore;
import dev.atomic.shared.checkpoint.UsageStore;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.FileStore.Role;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobId;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.job.ListedJobs;
import dev.atomic.shared.job.ListedJobs.Listed;
import dev.atomic.shared.job.WaitingJobs;
import dev.atomic.shared.webhook.WebhookStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Pages of jobs. What was asked and the verdicts can be long: they are read a batch at a time, and
/// of each batch only what is sent is kept.
@Component
public final class JobList {
    /// Most characters of a batch, if it has more than one job.
    private static final long BATCH = 512 * 1024;

    /// Most jobs of a batch: each may have 200 files.
    private static final int BATCH_JOBS = 32;

    /// Bytes of the heap for a character while a batch is read: as the driver has it, as text, as
    /// what was parsed, and as JSON.
    private static final int HEAP_PER_CHARACTER = 12;

    private final ListedJobs jobs;
    private final WaitingJobs waiting;
    private final CheckpointStore checkpoints;
    private final FileStore files;
    private final UsageStore usage;
    private final WebhookStore webhooks;
    private final RequestMemory memory;

    JobList(
            ListedJobs jobs,
            WaitingJobs waiting,
            CheckpointStore checkpoints,
            FileStore files,
            UsageStore usage,
            WebhookStore webhooks,
            RequestMemory memory) {
        this.jobs = jobs;
        this.waiting = waiting;
        this.checkpoints = checkpoints;
        this.files = files;
        this.usage = usage;
        this.webhooks = webhooks;
        this.memory = memory;
    }

    /// Reads `status`, `kind`, `limit` and `cursor`. The page is to be closed when it was sent.
    ///
    /// @throws ProblemException `503 unavailable` when there is no room for the page now
    public JobPage page(String tenant, Query query) {
        JobState state = query.choice("status", List.of(JobState.values()), JobState::wire);
        Kind kind = query.choice("kind", List.of(Kind.values()), Kind::wire);
        int limit = (int) query.number("limit", 50, 1, 100);
        // One more than asked for tells whether there is another page.
        List<Listed> found = jobs.list(tenant, state, kind, cursor(query), limit + 1);
        List<Listed> listed = found.subList(0, Math.min(limit, found.size()));
        RequestMemory.Share share = memory.open();
        JobPage page = new JobPage(share, found.size() > limit ? listed.getLast().id() : null);
        try {
            Map<UUID, Integer> positions = new HashMap<>();
            for (List<Listed> batch : batches(listed)) {
                long reading = HEAP_PER_CHARACTER * batch.stream().mapToLong(Listed::length).sum();
                share.take(reading);
                add(tenant, batch, state, positions, page);
                share.giveBack(reading);
            }
            return page;
        } catch (RuntimeException | Error e) {
            page.close();
            throw e;
        }
    }

    private static List<List<Listed>> batches(List<Listed> listed) {
        List<List<Listed>> batches = new ArrayList<>();
        long length = 0;
        for (Listed job : listed) {
            length += job.length();
            if (batches.isEmpty() || length > BATCH || batches.getLast().size() == BATCH_JOBS) {
                batches.add(new ArrayList<>());
                length = job.length();
            }
            batches.getLast().add(job);
        }
        return batches;
    }

    private static @Nullable UUID cursor(Query query) {
        String cursor = query.text("cursor");
        return cursor == null
                ? null
                : JobId.parse(cursor)
                        .orElseThrow(
                                () -> Query.wrong("cursor", "isn't a next_cursor of this list"));
    }

    /// @param state what was asked for: a job that has left it since it was listed is left out
    /// @param positions read with the first job that waits
    private void add(
            String tenant,
            List<Listed> batch,
            @Nullable JobState state,
            Map<UUID, Integer> positions,
            JobPage page) {
        List<UUID> ids = batch.stream().map(Listed::id).toList();
        List<Job> read = jobs.read(ids);
        Map<UUID, List<Checkpoint>> rounds =
                checkpoints.withLastVerdicts(ids).stream().collect(groupingBy(Checkpoint::jobId));
        Map<UUID, List<FileStore.Entry>> entries = files.list(ids, Role.WORKSPACE);
        Map<UUID, List<UsageStore.Paid>> paid = usage.of(ids);
        Map<UUID, WebhookStore.Progress> told =
                webhooks.of(
                        read.stream()
                                .filter(job -> job.asked().input().webhook() != null)
                                .map(Job::id)
                                .toList());
        if (positions.isEmpty()
                && read.stream().anyMatch(job -> job.course().state() == JobState.QUEUED)) {
            for (UUID id : waiting.next(tenant, Admitted.EXACT_POSITIONS)) {
                positions.put(id, positions.size() + 1);
            }
        }
        for (Job job : read) {
            if (state == null || job.course().state() == state) {
                page.add(
                        item(
                                JobResources.resource(
                                        job,
                                        rounds.getOrDefault(job.id(), List.of()),
                                        entries.getOrDefault(job.id(), List.of()),
                                        paid.getOrDefault(job.id(), List.of()),
                                        null,
                                        position(job, positions),
                                        told.get(job.id()))));
            }
        }
    }

    private static @Nullable Integer position(Job job, Map<UUID, Integer> positions) {
        return job.course().state() == JobState.QUEUED
                ? positions.getOrDefault(job.id(), Admitted.EXACT_POSITIONS + 1)
                : null;
    }

    private static JsonNode item(JobResource resource) {
        ObjectNode item = Json.STORED.valueToTree(resource);
        item.remove(List.of("content", "spec", "docs"));
        if (item.get("verification") instanceof ObjectNode verification) {
            verification.remove(List.of("stdout", "stderr", "test_results"));
            for (JsonNode each : verification.path("cases")) {
                ((ObjectNode) each).remove(List.of("stdout", "diff"));
            }
        }
        return item;
    }
}
