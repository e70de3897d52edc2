package dev.atomic.shared.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// Every code a job can fail with. The table in `docs/failures.md` tells what to do about each;
/// tests hold it and the agent's codes to these.
public enum FailureCode {
    RATE_LIMITED(SetBy.AGENT, true),
    OVERLOADED(SetBy.AGENT, true),
    TIMEOUT(SetBy.EITHER, true),
    UNAVAILABLE(SetBy.EITHER, true),
    AGENT_UNREACHABLE(SetBy.WORKER, false),
    AUTH(SetBy.AGENT, false),
    OUT_OF_CREDIT(SetBy.AGENT, false),
    NO_PROVIDER(SetBy.AGENT, false),
    NO_MODEL(SetBy.AGENT, false),
    INVALID_REQUEST(SetBy.EITHER, false),
    CONTEXT_LENGTH(SetBy.AGENT, false),
    CONTENT_FILTER(SetBy.AGENT, false),
    CANCELLED(SetBy.AGENT, false),
    NO_CODE(SetBy.WORKER, false),
    VERIFICATION_FAILED(SetBy.WORKER, false),
    UNSUPPORTED_LANGUAGE(SetBy.WORKER, false),
    /// It was waited for before it became a failure, so it isn't tried again by itself.
    SANDBOX_UNAVAILABLE(SetBy.WORKER, true),
    DEADLINE_EXCEEDED(SetBy.WORKER, false),
    LOST_TOO_OFTEN(SetBy.WORKER, false),
    JOB_TOO_LARGE(SetBy.WORKER, false),
    MAX_COST_EXCEEDED(SetBy.WORKER, false),
    INTERNAL(SetBy.EITHER, false);

    /// Who finds it.
    private enum SetBy {
        AGENT,
        WORKER,
        EITHER
    }

    private final SetBy setBy;
    private final boolean retryable;

    FailureCode(SetBy setBy, boolean retryable) {
        this.setBy = setBy;
        this.retryable = retryable;
    }

    /// Whether asking again may go better, unless the finder of the failure says otherwise. The
    /// agent says it for each failure.
    public boolean isRetryable() {
        return retryable;
    }

    /// Whether the agent may send it; most of these are its provider's.
    public boolean isAgents() {
        return setBy != SetBy.WORKER;
    }

    /// Whether the worker finds it itself.
    public boolean isWorkers() {
        return setBy != SetBy.AGENT;
    }

    /// The code as clients, the agent and the database have it.
    @JsonValue
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Reads [#wire()]. Another version of ours may have failed the job. A code that this one
    /// doesn't know is `internal`, so that the job can still be read.
    @JsonCreator
    public static FailureCode of(String wire) {
        for (FailureCode value : values()) {
            if (value.wire().equals(wire)) {
                return value;
            }
        }
        return INTERNAL;
    }

    /// Reads what an agent sent. A code that the agent may not send is `internal`.
    public static FailureCode ofAgent(String wire) {
        FailureCode code = of(wire);
        return code.isAgents() ? code : INTERNAL;
    }
}
