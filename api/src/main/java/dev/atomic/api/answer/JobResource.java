package dev.atomic.api.answer;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.atomic.shared.checkpoint.StageStatus;
import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.file.Origin;
import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.job.Priority;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.verify.Verification;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A job as a client sees it: in JSON one flat object. All fields are always there, null when not
/// known; times are RFC 3339 UTC with milliseconds.
public record JobResource(
        String id,
        Kind kind,
        String status,
        @JsonUnwrapped Asked asked,
        @JsonUnwrapped Made made,
        @JsonUnwrapped Course course,
        @JsonUnwrapped Times times) {

    /// What was asked.
    ///
    /// @param prompt null for kind `execute`
    public record Asked(
            @Nullable String prompt,
            String language,
            @Nullable String framework,
            Map<String, Object> metadata,
            List<StageName> pipeline,
            Priority priority) {}

    /// What has come of it so far.
    ///
    /// @param content the entry file's text
    public record Made(
            @Nullable String content,
            @Nullable String spec,
            @Nullable String docs,
            List<File> files,
            @Nullable Verification verification,
            @Nullable String model,
            @Nullable String provider,
            Bill usage,
            List<Stage> stages) {}

    /// What the models were paid, voided rounds included.
    ///
    /// @param byStage in the order in which stages run; stages without a model are left out
    /// @param byProvider by name; where nobody said who was paid, last
    public record Bill(
            @JsonUnwrapped Usage total, List<ByStage> byStage, List<ByProvider> byProvider) {}

    public record ByStage(StageName stage, @JsonUnwrapped Usage usage) {}

    public record ByProvider(@Nullable String provider, @JsonUnwrapped Usage usage) {}

    /// How far it is, and how it came to be.
    ///
    /// @param attempt 0 before the first start
    /// @param queuePosition 1 is next, exact to 1,000; null when the job doesn't wait
    /// @param lastSeq the number of its last event
    /// @param webhook null where none was asked for
    public record Course(
            int attempt,
            int maxAttempts,
            @Nullable Failure error,
            boolean cancelRequested,
            @Nullable String retryOf,
            @Nullable String previousJobId,
            @Nullable Integer queuePosition,
            long lastSeq,
            @Nullable Webhook webhook) {}

    /// Who is told of the job's end, and how far that is.
    ///
    /// @param status `waiting` for the end, `pending`, `delivered` or `failed`
    /// @param outcome what the last attempt came to; null before the first
    /// @param nextAttemptAt null unless it is pending
    public record Webhook(
            String url,
            String status,
            int attempts,
            @Nullable String outcome,
            @Nullable String nextAttemptAt) {}

    public record Times(
            String createdAt, @Nullable String startedAt, @Nullable String finishedAt) {}

    /// @param size bytes
    /// @param url where it can be had
    public record File(String path, int size, String sha256, Origin origin, String url) {}

    /// A stage over all its rounds.
    ///
    /// @param attempt of the job, when its last round began; null before
    /// @param runs how often it was begun
    /// @param promptVersion of the templates that its last round asked the model with; null for
    ///   `verify` and before it began
    public record Stage(
            StageName name,
            StageStatus status,
            @Nullable Integer attempt,
            int runs,
            @Nullable String startedAt,
            @Nullable String finishedAt,
            @Nullable Long durationMs,
            @Nullable Integer promptVersion) {}
}
