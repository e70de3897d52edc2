package dev.atomic.api.answer;

import dev.atomic.api.submission.Admitted;
import dev.atomic.shared.Json;
import dev.atomic.shared.checkpoint.Checkpoint;
import dev.atomic.shared.checkpoint.CheckpointStore;
import dev.atomic.shared.checkpoint.StageStatus;
import dev.atomic.shared.checkpoint.UsageStore;
import dev.atomic.shared.checkpoint.UsageStore.Paid;
import dev.atomic.shared.event.LoggedEvent;
import dev.atomic.shared.file.EntryFile;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.file.FileStore.Role;
import dev.atomic.shared.file.Origin;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.job.WaitingJobs;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.webhook.WebhookStore;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.util.UriUtils;

/// From a job's rows to its resource.
///
/// The job's row is read first, by the caller: when it says the job has ended, all the rest is
/// final. Thread-safe.
@Component
public final class JobResources {
    /// Heap bytes a character of a resource takes: read from the database, in the resource, and as
    /// JSON.
    private static final int HEAP_PER_CHARACTER = 12;

    /// Heap bytes of a resource with no texts of any length.
    private static final long HEAP_BASE = 16 << 10;

    private final WaitingJobs waiting;
    private final CheckpointStore checkpoints;
    private final FileStore files;
    private final UsageStore usage;
    private final WebhookStore webhooks;

    JobResources(
            WaitingJobs waiting,
            CheckpointStore checkpoints,
            FileStore files,
            UsageStore usage,
            WebhookStore webhooks) {
        this.waiting = waiting;
        this.checkpoints = checkpoints;
        this.files = files;
        this.usage = usage;
        this.webhooks = webhooks;
    }

    /// The whole resource.
    public JobResource of(Job job) {
        List<Checkpoint> rounds = checkpoints.of(job.id());
        List<FileStore.Entry> entries = files.list(job.id(), Role.WORKSPACE);
        return resource(
                job,
                rounds,
                entries,
                usage.of(job.id()),
                content(job, entries),
                job.course().state() == JobState.QUEUED ? position(job) : null,
                webhook(job));
    }

    /// Heap bytes that the whole resource of a job that has ended takes while it is made and sent.
    public long heap(Job job) {
        long largest =
                files.list(job.id(), Role.WORKSPACE).stream()
                        .mapToLong(FileStore.Entry::size)
                        .max()
                        .orElse(0);
        long characters =
                job.asked().input().prompt().length()
                        + checkpoints.outputLength(job.id())
                        + largest;
        return HEAP_BASE + HEAP_PER_CHARACTER * characters;
    }

    /// The resource of a job that was just admitted, without reading anything.
    JobResource of(Admitted admitted) {
        String url = admitted.job().asked().input().webhook();
        return resource(
                admitted.job(),
                List.of(),
                List.of(),
                List.of(),
                null,
                admitted.queuePosition(),
                url == null ? null : WebhookStore.Progress.waiting(url));
    }

    /// Asked only for a job that has one.
    private WebhookStore.@Nullable Progress webhook(Job job) {
        return job.asked().input().webhook() == null
                ? null
                : webhooks.of(List.of(job.id())).get(job.id());
    }

    private int position(Job job) {
        return waiting.ahead(job.id(), Admitted.EXACT_POSITIONS) + 1;
    }

    private @Nullable String content(Job job, List<FileStore.Entry> entries) {
        Origin origin = job.asked().kind() == Kind.GENERATE ? Origin.MODEL : Origin.INPUT;
        // A follow-up's answer needn't have the entry file: then it is one that stayed.
        boolean answered = entries.stream().anyMatch(entry -> entry.origin() == origin);
        boolean others = answered && job.asked().previousJobId() != null;
        List<FileStore.Entry> candidates =
                entries.stream()
                        .filter(entry ->
                                entry.origin() == origin
                                        || (others && entry.origin() == Origin.INPUT))
                        .toList();
        return EntryFile.among(candidates, FileStore.Entry::path, FileStore.Entry::size)
                .flatMap(entry -> files.read(job.id(), Role.WORKSPACE, entry.path()))
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8).replace('\0', '\uFFFD'))
                .orElse(null);
    }

    static JobResource resource(
            Job job,
            List<Checkpoint> rounds,
            List<FileStore.Entry> entries,
            List<Paid> paid,
            @Nullable String content,
            @Nullable Integer queuePosition,
            WebhookStore.@Nullable Progress webhook) {
        return new JobResource(
                job.id().toString(),
                job.asked().kind(),
                job.course().state().wire(),
                asked(job),
                made(job, rounds, entries, paid, content),
                new JobResource.Course(
                        job.course().attempt(),
                        job.asked().maxAttempts(),
                        job.result().error(),
                        job.course().cancelRequested(),
                        text(job.asked().retryOf()),
                        text(job.asked().previousJobId()),
                        queuePosition,
                        job.course().lastSeq(),
                        webhook == null ? null : webhook(webhook)),
                new JobResource.Times(
                        LoggedEvent.time(job.times().createdAt()),
                        time(job.times().startedAt()),
                        time(job.times().finishedAt())));
    }

    private static JobResource.Webhook webhook(WebhookStore.Progress progress) {
        return new JobResource.Webhook(
                progress.url(),
                progress.status(),
                progress.attempts(),
                progress.outcome(),
                time(progress.nextAttemptAt()));
    }

    private static JobResource.Asked asked(Job job) {
        return new JobResource.Asked(
                job.asked().kind() == Kind.GENERATE ? job.asked().input().prompt() : null,
                job.asked().input().language(),
                job.asked().input().framework(),
                job.asked().input().metadata(),
                job.asked().input().pipeline(),
                job.asked().priority());
    }

    private static JobResource.Made made(
            Job job,
            List<Checkpoint> rounds,
            List<FileStore.Entry> entries,
            List<Paid> paid,
            @Nullable String content) {
        return new JobResource.Made(
                content,
                output(rounds, StageName.SPEC),
                output(rounds, StageName.DOCS),
                entries.stream().map(entry -> file(job.id(), entry)).toList(),
                verification(rounds),
                latest(rounds, Checkpoint::model, StageName.CODE, StageName.SPEC),
                latest(rounds, Checkpoint::provider, StageName.CODE, StageName.SPEC),
                Bills.of(paid),
                JobStages.of(job, rounds));
    }

    public static JobResource.File file(UUID job, FileStore.Entry entry) {
        String path =
                Arrays.stream(entry.path().split("/", -1))
                        .map(part -> UriUtils.encode(part, StandardCharsets.UTF_8))
                        .collect(Collectors.joining("/"));
        return new JobResource.File(
                entry.path(),
                entry.size(),
                entry.sha256(),
                entry.origin(),
                "/api/jobs/" + job + "/files/" + path);
    }

    private static @Nullable String output(List<Checkpoint> rounds, StageName stage) {
        return rounds.stream()
                .filter(round -> round.stage() == stage && round.status() == StageStatus.SUCCEEDED)
                .max(Comparator.comparingInt(Checkpoint::round))
                .map(Checkpoint::output)
                .orElse(null);
    }

    private static @Nullable Verification verification(List<Checkpoint> rounds) {
        return rounds.stream()
                .filter(round -> round.stage() == StageName.VERIFY && round.output() != null)
                .max(Comparator.comparingInt(Checkpoint::round))
                .map(Checkpoint::output)
                .map(output -> Json.read(output, Verification.class))
                .orElse(null);
    }

    /// The newest value of the first of these stages that has one.
    private static @Nullable String latest(
            List<Checkpoint> rounds,
            Function<Checkpoint, @Nullable String> value,
            StageName... stages) {
        for (StageName stage : stages) {
            Optional<Checkpoint> newest =
                    rounds.stream()
                            .filter(round -> round.stage() == stage && value.apply(round) != null)
                            .max(Comparator.comparingInt(Checkpoint::round));
            if (newest.isPresent()) {
                return value.apply(newest.get());
            }
        }
        return null;
    }

    private static @Nullable String text(@Nullable UUID id) {
        return id == null ? null : id.toString();
    }

    private static @Nullable String time(@Nullable Instant at) {
        return at == null ? null : LoggedEvent.time(at);
    }
}
