package dev.atomic.shared.event;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.atomic.shared.checkpoint.StageStatus;
import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.verify.CaseResult;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What can happen to a job, one record an event type of the wire contract. The record's fields are
/// the event's own; `seq`, `type`, `job_id`, `at` and `attempt` are the log's ([LoggedEvent]).
public sealed interface JobEvent {
    /// The name on the wire.
    @JsonIgnore
    String type();

    /// Whether this is the job's last event.
    @JsonIgnore
    default boolean isTerminal() {
        return false;
    }

    /// @param queuePosition 1 is next
    record Queued(int queuePosition) implements JobEvent {
        @Override
        public String type() {
            return "queued";
        }
    }

    record Started(String worker) implements JobEvent {
        @Override
        public String type() {
            return "started";
        }
    }

    /// @param round 0, then one more for each repair
    record StageStarted(StageName stage, int round) implements JobEvent {
        @Override
        public String type() {
            return "stage_started";
        }
    }

    /// @param delta one or more of the model's, joined
    /// @param chunkIndex from 0 in a stage and round
    /// @param reasoning true for what the model thinks, which is no part of its answer; null for
    ///   the answer
    record Chunk(
            StageName stage,
            int round,
            String delta,
            int chunkIndex,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Boolean reasoning)
            implements JobEvent {
        /// A piece of the answer.
        public Chunk(StageName stage, int round, String delta, int chunkIndex) {
            this(stage, round, delta, chunkIndex, null);
        }

        /// What this adds to the answer: nothing when it is thinking.
        public String answer() {
            return reasoning == null ? delta : "";
        }

        @Override
        public String type() {
            return "chunk";
        }
    }

    record File(String path, int size, String sha256, int round) implements JobEvent {
        @Override
        public String type() {
            return "file";
        }
    }

    /// @param stream `stdout` or `stderr`
    record SandboxOutput(String stream, String text, int round) implements JobEvent {
        @Override
        public String type() {
            return "sandbox_output";
        }
    }

    /// A case or a request of the verdict's, as it ends.
    record Case(int round, @JsonUnwrapped CaseResult result) implements JobEvent {
        @Override
        public String type() {
            return "case";
        }
    }

    /// The tests have passed in the program's own process, and are run again by a judge of their
    /// own.
    record Judging(int round) implements JobEvent {
        @Override
        public String type() {
            return "judging";
        }
    }

    /// The verdict without what was printed and what differed, which is in the log already.
    record Verified(
            int round,
            VerificationStatus status,
            @JsonUnwrapped Verification.Proof proof,
            @JsonUnwrapped Verification.Ending ending,
            Verification.Truncated truncated,
            @JsonUnwrapped Verification.Cost cost,
            int repairs,
            @Nullable String reason,
            List<String> missing,
            @JsonUnwrapped Verification.Server server,
            Verification.@Nullable Compile compile,
            @JsonUnwrapped Verification.Container container)
            implements JobEvent {
        public static Verified of(Verification v, int round) {
            return new Verified(
                    round,
                    v.status(),
                    v.proof().withoutTexts(),
                    v.ending(),
                    v.printed().truncated(),
                    v.cost(),
                    v.repairs(),
                    v.reason(),
                    v.missing(),
                    v.server(),
                    v.compile(),
                    v.container());
        }

        @Override
        public String type() {
            return "verification";
        }
    }

    record StageCompleted(
            StageName stage, int round, StageStatus status, long durationMs, Usage usage)
            implements JobEvent {
        @Override
        public String type() {
            return "stage_completed";
        }
    }

    /// What was streamed of the stage is void.
    ///
    /// @param reason `crash` or `repair`
    record StageReset(StageName stage, String reason) implements JobEvent {
        @Override
        public String type() {
            return "stage_reset";
        }
    }

    /// @param reason an error code, `worker_lost` or `worker_stopped`
    /// @param message for people: the provider's where there is one
    record Retrying(String reason, @Nullable String message, long delayMs) implements JobEvent {
        @Override
        public String type() {
            return "retrying";
        }
    }

    record Succeeded() implements JobEvent {
        @Override
        public String type() {
            return "succeeded";
        }

        @Override
        public boolean isTerminal() {
            return true;
        }
    }

    record Failed(Failure error) implements JobEvent {
        @Override
        public String type() {
            return "failed";
        }

        @Override
        public boolean isTerminal() {
            return true;
        }
    }

    record Cancelled() implements JobEvent {
        @Override
        public String type() {
            return "cancelled";
        }

        @Override
        public boolean isTerminal() {
            return true;
        }
    }
}
