package dev.atomic.worker.pipeline;

import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.Outcome;
import dev.atomic.shared.telemetry.Span;
import dev.atomic.worker.agent.AgentReply;
import dev.atomic.worker.sandbox.verdict.SandboxResult;
import org.jspecify.annotations.Nullable;

/// What a job's spans tell of how their part came out: words of closed sets, and counts.
final class Spans {
    private static final String OUTCOME = "atomic.outcome";

    private Spans() {}

    /// Of an attempt.
    static void outcome(Span span, Outcome outcome) {
        span.set(OUTCOME, word(outcome));
        switch (outcome) {
            case Outcome.Failed(Failure failure) -> span.failed(failure.code().wire());
            case Outcome.Retry(Failure failure, _) -> span.failed(failure.code().wire());
            case Outcome.Succeeded() -> {}
            case Outcome.Cancelled() -> {}
            case Outcome.Interrupted() -> {}
            case Outcome.Fenced() -> {}
        }
    }

    /// Of a stage.
    static void outcome(Span span, StageResult result) {
        if (result instanceof StageResult.Stop(Outcome outcome)) {
            outcome(span, outcome);
        } else {
            span.set(OUTCOME, word(result));
        }
    }

    /// As [dev.atomic.shared.telemetry.Tag#OUTCOME] has it.
    static String word(StageResult result) {
        return switch (result) {
            case StageResult.Continue() -> "succeeded";
            case StageResult.Repair() -> "repair";
            case StageResult.Stop(Outcome outcome) -> word(outcome);
        };
    }

    private static String word(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Succeeded() -> "succeeded";
            case Outcome.Failed _ -> "failed";
            case Outcome.Retry _ -> "retry";
            case Outcome.Cancelled() -> "cancelled";
            case Outcome.Interrupted() -> "interrupted";
            case Outcome.Fenced() -> "fenced";
        };
    }

    /// Of a request to a model, as OpenTelemetry's conventions for generative AI have it.
    ///
    /// @param model that was asked for; null where the agent chooses
    static Span model(Span above, @Nullable String model) {
        return above.call(model == null ? "chat" : "chat " + model)
                .set("gen_ai.operation.name", "chat")
                .set("gen_ai.request.model", model);
    }

    static void replied(Span span, AgentReply reply) {
        switch (reply) {
            case AgentReply.Completed done ->
                    paid(span, done.model(), done.provider(), done.usage());
            case AgentReply.Stopped(var spent) -> {
                span.set(OUTCOME, "stopped");
                paid(span, spent);
            }
            case AgentReply.Failed failed -> {
                span.failed(failed.code().wire());
                paid(span, failed.spent());
            }
        }
    }

    private static void paid(Span span, AgentReply.@Nullable Spent spent) {
        if (spent != null) {
            paid(span, spent.model(), spent.provider(), spent.usage());
        }
    }

    private static void paid(
            Span span, @Nullable String model, @Nullable String provider, Usage usage) {
        span.set("gen_ai.response.model", model)
                .set("gen_ai.provider.name", "gemini".equals(provider) ? "gcp.gemini" : provider)
                .set("gen_ai.usage.input_tokens", usage.inputTokens())
                .set("gen_ai.usage.output_tokens", usage.outputTokens());
    }

    /// Of a run in the sandbox.
    static void ran(Span span, SandboxResult result) {
        switch (result) {
            case SandboxResult.Verdict verdict ->
                    span.set("atomic.verification", verdict.verification().status().wire())
                            .set("atomic.verification.kind", verdict.verification().proof().kind());
            case SandboxResult.Cancelled() -> span.set(OUTCOME, "stopped");
            case SandboxResult.Unavailable _ -> span.failed("engine_unavailable");
            case SandboxResult.Unsupported _ -> span.failed("unsupported_language");
        }
    }
}
