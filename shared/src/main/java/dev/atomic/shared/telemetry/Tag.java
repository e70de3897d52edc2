package dev.atomic.shared.telemetry;

import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.problem.ProblemCode;
import dev.atomic.shared.verify.VerificationStatus;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// What a meter is divided by. The values are a closed set, so that the number of series is known:
/// it is never an id, a path or somebody's text.
public enum Tag {
    /// Codes a request can be refused with under the gate's lock.
    CODE(
            ProblemCode.QUEUE_FULL.wire(),
            ProblemCode.TENANT_WAITING_LIMIT.wire(),
            ProblemCode.TENANT_RATE_LIMIT.wire(),
            ProblemCode.TENANT_USD_LIMIT.wire(),
            ProblemCode.TENANT_TOKEN_LIMIT.wire(),
            ProblemCode.IDEMPOTENCY_MISMATCH.wire(),
            ProblemCode.JOB_DELETED.wire(),
            ProblemCode.NOT_FOUND.wire(),
            Tag.OTHER),
    STAGE(Arrays.stream(StageName.values()).map(StageName::wire).toArray(String[]::new)),
    /// How a stage's run ended. `repair`: the code goes back to the model.
    OUTCOME("succeeded", "repair", "failed", "retry", "cancelled", "interrupted", "fenced"),
    /// Why an attempt is to be made again. Codes come from the agent too, so there may be others.
    REASON(
            "rate_limited",
            "overloaded",
            "timeout",
            "unavailable",
            "internal",
            "worker_stopped",
            "worker_lost",
            Tag.OTHER),
    STATE(
            Arrays.stream(JobState.values())
                    .filter(JobState::isTerminal)
                    .map(JobState::wire)
                    .toArray(String[]::new)),
    STATUS(
            Arrays.stream(VerificationStatus.values())
                    .map(VerificationStatus::wire)
                    .toArray(String[]::new)),
    /// How code was proved. `none`: it wasn't run.
    KIND("tests", "cases", "http", "server", "run", "build", "command", Tag.NONE, Tag.OTHER),
    RESULT("hit", "miss", "prepared"),
    /// Who was paid. `none`: nobody said.
    PROVIDER("openai", "anthropic", "gemini", "ollama", "offline", Tag.NONE, Tag.OTHER),
    DIRECTION("input", "output"),
    /// What an attempt to deliver came to. `failed`: it is given up.
    ATTEMPT("delivered", "retry", "failed");

    /// Stands for a value that isn't of the set.
    static final String OTHER = "other";

    /// Stands for no value.
    public static final String NONE = "none";

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> values;

    Tag(String... values) {
        this.values = List.of(values);
    }

    /// The label's name.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// What it can be, in the order of the page.
    public List<String> domain() {
        return values;
    }

    /// The value itself, or `other` where it isn't of the set and the set has that.
    ///
    /// @throws IllegalArgumentException for a value that the tag can't have, a bug of the caller's
    String bounded(String value) {
        if (values.contains(value)) {
            return value;
        }
        if (values.contains(OTHER)) {
            return OTHER;
        }
        throw new IllegalArgumentException(label() + " has no value " + value);
    }
}
