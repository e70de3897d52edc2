package dev.atomic.shared.event;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.job.StageStatus;
import dev.atomic.shared.job.Usage;
import dev.atomic.shared.job.Verification;
import dev.atomic.shared.job.VerificationStatus;
import java.util.List;
import java.util.Map;
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
    record Chunk(StageName stage, int round, String delta, int chunkIndex) implements JobEvent {
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

    /// The verdict without what was printed, which is in the log already.
    record Verified(
            int round,
            VerificationStatus status,
            @Nullable String kind,
            Verification.@Nullable Tests tests,
            @Nullable Integer exitCode,
            @Nullable String signal,
            Verification.Truncated truncated,
            long durationMs,
            @Nullable Long cpuMs,
            @Nullable Long peakMemoryBytes,
            @Nullable String limit,
            int repairs,
            @Nullable String reason,
            @Nullable Integer port,
            @Nullable Integer httpStatus,
            List<String> missing,
            Verification.@Nullable Compile compile,
            @Nullable String image,
            @JsonProperty("limits") Object limits,
            Map<String, String> isolation)
            implements JobEvent {
        public static Verified of(Verification v, int round) {
            return new Verified(
                    round,
                    v.status(),
                    v.kind(),
                    v.tests(),
                    v.exitCode(),
                    v.signal(),
                    v.truncated(),
                    v.durationMs(),
                    v.cpuMs(),
                    v.peakMemoryBytes(),
                    v.limit(),
                    v.repairs(),
                    v.reason(),
                    v.port(),
                    v.httpStatus(),
                    v.missing(),
                    v.compile(),
                    v.image(),
                    v.limits() == null ? Map.of() : v.limits(),
                    v.isolation());
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
    record Retrying(String reason, long delayMs) implements JobEvent {
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
