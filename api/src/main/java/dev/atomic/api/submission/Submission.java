package dev.atomic.api.submission;

import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.followup.FollowUp;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobInput;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.job.Priority;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.telemetry.TraceContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was found valid: all that makes a job of it.
///
/// @param files what the job starts from
/// @param verifyFiles the caller's own tests, which replace the model's of the same path
/// @param basis what it takes over from another job
public record Submission(
        Kind kind,
        Priority priority,
        JobInput input,
        JobInput.Run run,
        int maxAttempts,
        List<SourceFile> files,
        List<SourceFile> verifyFiles,
        Basis basis) {

    /// Heap bytes of a request with next to nothing in it, metadata included.
    private static final long BASE_WEIGHT = 4 << 10;

    /// A control character takes two bytes, and six more in JSON.
    private static final long WEIGHT_OF_CHAR = 8;

    /// The job another one is made from, which has finished and so never changes again.
    public sealed interface Basis {
        /// A job of its own.
        record None() implements Basis {}

        /// @param kept the rounds of stages that aren't run again
        record Retry(Job of, List<Round> kept) implements Basis {
            /// Whether it continues with the other job's files rather than with those the caller
            /// gave.
            public boolean keepsFiles() {
                return kept.stream()
                        .map(Round::stage)
                        .anyMatch(stage -> stage == StageName.CODE || stage == StageName.VERIFY);
            }
        }

        /// @param start what it begins with in addition to the other job's last files
        record After(Job previous, FollowUp start) implements Basis {}
    }

    /// The same with another basis.
    public Submission on(Basis other) {
        return new Submission(kind, priority, input, run, maxAttempts, files, verifyFiles, other);
    }

    public record Round(StageName stage, int round) {}

    /// UTF-16 units of all texts of any length in it. Metadata has 16 KiB at most, and is small
    /// change.
    private long chars() {
        long chars = chars(input) + length(run.stdin()) + chars(run.command()) + chars(run.args());
        chars += run.checks().chars();
        if (basis instanceof Basis.After(Job previous, FollowUp start)) {
            chars +=
                    chars(previous.asked().input()) + chars(start.history()) + length(start.spec());
        }
        return chars;
    }

    private static long chars(JobInput input) {
        return length(input.prompt()) + length(input.instructions());
    }

    private static long chars(List<String> texts) {
        return texts.stream().mapToLong(String::length).sum();
    }

    private static long length(@Nullable String text) {
        return text == null ? 0 : text.length();
    }

    /// Whether another job's rows are copied, so that a resource can't be told without reading.
    public boolean copies() {
        return !(basis instanceof Basis.None);
    }

    /// Who submits it, and as what.
    ///
    /// @param idempotencyKey the client's, or one of ours for a request of a library that tries
    ///   again by itself; null for none
    /// @param bodySha256 of what the body means, to tell a repeat from another body under its key
    /// @param trace of the caller; the job's, if it makes one
    public record Request(
            String tenant,
            Submission submission,
            @Nullable String idempotencyKey,
            String bodySha256,
            Repeats repeats,
            TraceContext trace) {

        /// One that begins a trace of its own, unless it is put [#in] another.
        public Request(
                String tenant,
                Submission submission,
                @Nullable String idempotencyKey,
                String bodySha256,
                Repeats repeats) {
            this(tenant, submission, idempotencyKey, bodySha256, repeats, TraceContext.of(null));
        }

        /// One that is repeated by the client's own key, if at all.
        public Request(
                String tenant,
                Submission submission,
                @Nullable String idempotencyKey,
                String bodySha256) {
            this(tenant, submission, idempotencyKey, bodySha256, Repeats.BY_KEY);
        }

        public Request in(TraceContext other) {
            return new Request(tenant, submission, idempotencyKey, bodySha256, repeats, other);
        }

        /// Heap bytes it takes at most until it is committed: its files, and its texts with the
        /// JSON they are stored as.
        public long weight() {
            long weight = BASE_WEIGHT + WEIGHT_OF_CHAR * submission.chars();
            for (SourceFile file : submission.files()) {
                weight += file.content().length;
            }
            for (SourceFile file : submission.verifyFiles()) {
                weight += file.content().length;
            }
            return weight;
        }
    }
}
