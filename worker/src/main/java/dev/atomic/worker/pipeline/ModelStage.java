package dev.atomic.worker.pipeline;

import dev.atomic.shared.checkpoint.StageStatus;
import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.Outcome;
import dev.atomic.shared.job.StageName;
import dev.atomic.worker.agent.AgentClient;
import dev.atomic.worker.agent.AgentReply;
import dev.atomic.worker.agent.AgentRequest;
import dev.atomic.worker.claim.Claim;
import dev.atomic.worker.memory.JobMemory;
import dev.atomic.worker.telemetry.WorkerMeters;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A stage that asks the model: `spec`, `code` and `docs` differ in what they ask and what they
/// make of the answer ([Writing]).
public final class ModelStage implements Stage {
    /// Most characters of an answer; a model that writes more is stopped.
    static final int MAX_CHARS = 2 * 1024 * 1024;

    /// Bytes of heap for a byte of the job's files while a model is asked; measured.
    private static final int COPIES_OF_FILES = 16;

    /// Bytes of heap for a byte of the cases that are read to say what failed.
    private static final int COPIES_OF_CASES = 6;

    private final StageName name;
    private final AgentClient agent;
    private final Writing writing;
    private final JobMemory memory;
    private final WorkerMeters meters;
    private final RandomGenerator random = RandomGenerator.getDefault();

    public ModelStage(
            StageName name,
            AgentClient agent,
            Writing writing,
            JobMemory memory,
            WorkerMeters meters) {
        this.name = name;
        this.agent = agent;
        this.writing = writing;
        this.memory = memory;
        this.meters = meters;
    }

    /// What one stage asks of the model, and what it makes of the answer.
    public interface Writing {
        /// @param unclear the answer that is asked for again, in a form that can be read; null at
        ///   first
        AgentRequest ask(PipelineRun run, @Nullable Unclear unclear);

        Reading read(PipelineRun run, String answer);
    }

    /// An answer that couldn't be read.
    ///
    /// @param why in words for the model
    public record Unclear(String answer, String why) {}

    /// What an answer came to.
    public sealed interface Reading {
        /// @param events go before `stage_completed`
        /// @param change rows that change with the checkpoint
        /// @param doubt why it is a guess at what was meant; null where it isn't
        record Usable(List<JobEvent> events, Consumer<Instant> change, @Nullable String doubt)
                implements Reading {}

        record Unusable(Failure failure) implements Reading {}

        /// Why another form of the answer is worth asking for; null where it isn't.
        default @Nullable String unclear() {
            return switch (this) {
                case Usable usable -> usable.doubt();
                case Unusable(Failure failure) -> failure.message();
            };
        }
    }

    @Override
    public StageName name() {
        return name;
    }

    @Override
    public StageResult run(PipelineRun run) {
        Optional<Failure> tooDear = run.spending().tooMuch(name);
        if (tooDear.isPresent()) {
            return new StageResult.Stop(new Outcome.Failed(tooDear.get()));
        }
        if (run.ended(name).isPresent()) {
            return new StageResult.Continue();
        }
        if (run.claim().stopReason() != null) {
            return Stops.result(run, name, PipelineRun.StageOutput.NOTHING);
        }
        if (!run.begin(name)) {
            return new StageResult.Stop(new Outcome.Fenced());
        }
        Optional<JobMemory.Share> share = memory.take(needed(run), run.claim());
        if (share.isEmpty()) {
            return Stops.result(run, name, PipelineRun.StageOutput.NOTHING);
        }
        try (JobMemory.Share _ = share.get()) {
            return ask(run, null);
        }
    }

    /// A prompt holds the job's files: as the database gives them, as text, fenced, in the prompt,
    /// and in the frame that is sent.
    private long needed(PipelineRun run) {
        return name == StageName.SPEC
                ? 0
                : COPIES_OF_FILES * run.sizeToRun() + COPIES_OF_CASES * run.sizeOfCases();
    }

    /// @param unclear as [Writing#ask] has it: asked once, whatever comes
    private StageResult ask(PipelineRun run, @Nullable Unclear unclear) {
        long started = System.nanoTime();
        PartialAnswer partial = new PartialAnswer();
        int round = run.roundOf(name);
        Claim claim = run.claim();
        AgentReply reply =
                claim.within(
                        Spans.model(claim.span(), run.job().asked().input().model()),
                        span -> {
                            AgentReply came =
                                    agent.generate(
                                            writing.ask(run, unclear),
                                            claim,
                                            (delta, reasoning) -> {
                                                run.writer()
                                                        .chunk(
                                                                claim, name, round, delta,
                                                                reasoning);
                                                return partial.add(delta, reasoning);
                                            });
                            Spans.replied(span, came);
                            return came;
                        });
        Duration took = Duration.ofNanos(System.nanoTime() - started);
        return switch (reply) {
            case AgentReply.Completed done -> {
                meters.paid(done.provider(), done.usage());
                run.spending().add(done.usage());
                yield completed(run, done, took, unclear == null);
            }
            case AgentReply.Stopped(var spent) -> {
                PipelineRun.StageOutput output = partial.output(spent);
                meters.paid(output.provider(), output.usage());
                run.spending().add(output.usage());
                yield Stops.result(run, name, output);
            }
            case AgentReply.Failed failed -> {
                PipelineRun.StageOutput output = partial.output(failed.spent());
                meters.paid(output.provider(), output.usage());
                run.spending().add(output.usage());
                yield failed(run, failed, output, partial.tooLong(), took);
            }
        };
    }

    private StageResult completed(
            PipelineRun run, AgentReply.Completed done, Duration took, boolean first) {
        PipelineRun.StageOutput output =
                new PipelineRun.StageOutput(
                        done.text(), done.model(), done.provider(), done.usage());
        Reading reading = writing.read(run, done.text());
        String unclear = reading.unclear();
        if (unclear != null && first && run.spending().tooMuch(name).isEmpty()) {
            // A guess would be verified, fail, and cost repairs.
            return run.beginAgain(name, output)
                    ? ask(run, new Unclear(done.text(), unclear))
                    : Stops.result(run, name, PipelineRun.StageOutput.NOTHING);
        }
        return switch (reading) {
            case Reading.Usable(List<JobEvent> events, Consumer<Instant> change, _) ->
                    run.end(name, StageStatus.SUCCEEDED, took, output, events, List.of(), change)
                            ? run.spending()
                                    .tooMuch(name)
                                    .<StageResult>map(failure ->
                                            new StageResult.Stop(new Outcome.Failed(failure)))
                                    .orElseGet(StageResult.Continue::new)
                            : Stops.result(run, name, PipelineRun.StageOutput.NOTHING);
            case Reading.Unusable(Failure failure) ->
                    run.end(name, StageStatus.FAILED, took, output, List.of(), List.of(), _ -> {})
                            ? new StageResult.Stop(new Outcome.Failed(failure))
                            : Stops.result(run, name, PipelineRun.StageOutput.NOTHING);
        };
    }

    /// A failed attempt's stage isn't ended: the next attempt voids and begins it again. What it
    /// cost was paid: as the agent says, else counted from what was streamed.
    private StageResult failed(
            PipelineRun run,
            AgentReply.Failed failed,
            PipelineRun.StageOutput output,
            boolean tooLong,
            Duration took) {
        if (tooLong) {
            run.saveWithJob(name, StageStatus.FAILED, output);
            return new StageResult.Stop(
                    new Outcome.Failed(
                            Failure.of(
                                    FailureCode.JOB_TOO_LARGE,
                                    "the model's answer grew beyond 2 MiB; ask for less at once",
                                    name)));
        }
        Optional<Failure> tooDear = run.spending().tooMuch(name);
        if (tooDear.isPresent()) {
            run.saveWithJob(name, StageStatus.FAILED, output);
            return new StageResult.Stop(new Outcome.Failed(tooDear.get()));
        }
        Failure failure = new Failure(failed.code(), failed.message(), name, failed.retryable());
        Job job = run.job();
        if (failed.retryable() && job.course().attempt() < job.asked().maxAttempts()) {
            Duration after = RetryDelay.after(job.course().attempt(), failed.retryAfter(), random);
            // Waiting for what comes after the deadline would only hide the provider's reason.
            if (after.compareTo(run.claim().untilDeadline()) < 0) {
                run.breakOff(name, output);
                return new StageResult.Stop(new Outcome.Retry(failure, after));
            }
        }
        boolean held =
                run.end(name, StageStatus.FAILED, took, output, List.of(), List.of(), _ -> {});
        return held
                ? new StageResult.Stop(new Outcome.Failed(failure))
                : Stops.result(run, name, output);
    }

    /// What was streamed before a stage was broken off.
    static final class PartialAnswer {
        private final StringBuilder text = new StringBuilder();

        private long thought;

        /// @return whether the answer may go on
        boolean add(String delta, boolean reasoning) {
            if (reasoning) {
                thought += delta.length();
            } else {
                text.append(delta);
            }
            return !tooLong();
        }

        boolean tooLong() {
            return text.length() + thought > MAX_CHARS;
        }

        /// What is kept of it: the text unless it is too long, and what it cost.
        ///
        /// @param spent as the agent says; null where it didn't
        PipelineRun.StageOutput output(AgentReply.@Nullable Spent spent) {
            String kept = text.isEmpty() || tooLong() ? null : text.toString();
            return spent == null
                    ? new PipelineRun.StageOutput(kept, null, null, estimated())
                    : new PipelineRun.StageOutput(
                            kept, spent.model(), spent.provider(), spent.usage());
        }

        /// Four characters a token, at a price that nobody knows.
        private Usage estimated() {
            long chars = text.length() + thought;
            return chars == 0 ? Usage.NONE : new Usage(0, (chars + 3) / 4, null, true);
        }
    }
}
