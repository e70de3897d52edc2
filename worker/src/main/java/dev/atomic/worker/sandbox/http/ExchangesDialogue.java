package dev.atomic.worker.sandbox.http;

import dev.atomic.shared.verify.Exchange;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
import dev.atomic.worker.sandbox.run.Batch;
import dev.atomic.worker.sandbox.run.Language;
import dev.atomic.worker.sandbox.run.OutputSink;
import dev.atomic.worker.sandbox.run.RunPlan;
import dev.atomic.worker.sandbox.run.RunnerRecord;
import dev.atomic.worker.sandbox.run.RunnerRequest;
import dev.atomic.worker.sandbox.run.SandboxRun;
import dev.atomic.worker.sandbox.run.Step;
import dev.atomic.worker.sandbox.verdict.CaseResults;
import dev.atomic.worker.sandbox.verdict.RunDialogue;
import dev.atomic.worker.sandbox.verdict.SandboxResult;
import dev.atomic.worker.sandbox.verdict.SignalNames;
import dev.atomic.worker.sandbox.verdict.Transcript;
import dev.atomic.worker.sandbox.verdict.Verdict;
import dev.atomic.worker.sandbox.verdict.Verifications;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.hc.core5.http.Header;
import org.jspecify.annotations.Nullable;

/// A program that is built and started as a server, and then asked from inside, one request after
/// the other, each on a connection of its own. What is expected stays on this side.
public final class ExchangesDialogue implements RunDialogue {
    /// How long an answer may take.
    static final int ANSWER_MS = 10_000;

    /// What is kept of an answer: a body of a MiB, and what goes before it.
    static final int ANSWER_BYTES = RunnerRequest.KEPT_BYTES + (64 << 10);

    /// An answer is looked at this often whenever a piece of it comes. After that it is looked at
    /// only when it has grown by a tenth, so that a thousand tiny pieces don't make a thousand long
    /// looks.
    private static final int EAGER_LOOKS = 64;

    private final SandboxRun run;
    private final List<Step> steps;
    private final List<Exchange> exchanges;
    private final Transcript said;
    private final CaseResults results;
    private final Cookies cookies = new Cookies();
    private ByteArrayOutputStream came = new ByteArrayOutputStream();
    private int looks;
    private int nextLook;
    private long begunNanos;
    private long askedNanos;
    private int port;
    private boolean isAsked;

    /// Connections that were left for the next before the runner had said that they are done.
    private int left;

    private boolean wasUnanswered;

    /// Nothing listens any more: it has ended, or is about to.
    private boolean isGone;

    private RunnerRecord.@Nullable StepEnded endedEarly;

    /// @param output gets what the program prints, and each request as it is answered
    public ExchangesDialogue(SandboxRun run, RunPlan.Exchanges plan, OutputSink output) {
        this.run = run;
        this.exchanges = run.run().checks().requests();
        this.steps = new ArrayList<>(plan.build());
        this.steps.add(Step.of(Step.Kind.EXCHANGE, plan.argv()));
        this.said = new Transcript(steps, output);
        this.results =
                new CaseResults("http", exchanges.stream().map(Exchange::name).toList(), output);
    }

    @Override
    public List<byte[]> request() {
        begunNanos = System.nanoTime();
        return new Batch()
                .set("wall_ms", run.wallMs())
                .set("kept_bytes", ANSWER_BYTES)
                .set("output_bytes", RunnerRequest.OUTPUT_BYTES)
                .set("probe_ms", RunnerRequest.PROBE_MS)
                .files(run.files())
                .stdin(run.run().stdin())
                .steps(steps)
                .collect(run.run().collect())
                .encode();
    }

    @Override
    public List<byte[]> take(RunnerRecord record) {
        return switch (record) {
            case RunnerRecord.Listening listening -> {
                port = listening.port();
                yield next();
            }
            case RunnerRecord.Answer answer -> came(answer.bytes());
            case RunnerRecord.Answered answered -> answered(answered.how());
            case RunnerRecord.StepEnded end -> {
                ended(end);
                said.take(end);
                yield List.of();
            }
            default -> {
                said.take(record);
                yield List.of();
            }
        };
    }

    private List<byte[]> next() {
        boolean stop = run.run().checks().stopOnFailure() && results.firstFailure().isPresent();
        if (results.isAllEnded() || stop || isGone) {
            return Batch.stop();
        }
        Exchange each = current();
        came = new ByteArrayOutputStream();
        looks = 0;
        nextLook = 0;
        isAsked = true;
        wasUnanswered = false;
        askedNanos = System.nanoTime();
        return Batch.ask(ANSWER_MS, RequestBytes.of(each, port, cookies.header(each.path())));
    }

    private Exchange current() {
        return exchanges.get(results.count());
    }

    private List<byte[]> came(byte[] bytes) {
        if (left > 0 || !isAsked) {
            return List.of();
        }
        came.writeBytes(bytes);
        if (came.size() < nextLook) {
            return List.of();
        }
        looks++;
        nextLook = looks < EAGER_LOOKS ? 0 : came.size() + came.size() / 10;
        return switch (answer(false)) {
            case Answer.Unfinished _ -> List.of();
            case Answer.Whole whole -> {
                left++;
                yield take(whole);
            }
            case Answer.Broken broken -> {
                left++;
                yield without(broken.why());
            }
        };
    }

    private Answer answer(boolean closed) {
        return Answer.of(came.toByteArray(), current().method().equals("HEAD"), closed);
    }

    private List<byte[]> answered(String how) {
        if (left > 0) {
            left--;
            return List.of();
        }
        if (!isAsked) {
            return List.of();
        }
        isGone = how.equals("refused");
        return switch (answer(how.equals("closed"))) {
            case Answer.Whole whole -> take(whole);
            case Answer.Broken broken -> without(broken.why());
            // The runner says next why it was cut off.
            case Answer.Unfinished _ ->
                    how.equals("cut") && isOutOfTime() ? List.of() : without(why(how));
        };
    }

    /// The runner's clock began after ours.
    private boolean isOutOfTime() {
        return System.nanoTime() - begunNanos >= run.wallMs() * 1_000_000;
    }

    private String why(String how) {
        return switch (how) {
            case "timeout" -> "no whole answer within " + ANSWER_MS / 1000 + " s";
            case "refused" -> "the connection was refused";
            case "too_much" -> "the answer has more than 1 MiB";
            default ->
                    came.size() == 0
                            ? "the connection was closed without an answer"
                            : "the connection was closed before the answer was whole";
        };
    }

    private List<byte[]> take(Answer.Whole whole) {
        for (Header header : whole.headers()) {
            if (header.getName().equalsIgnoreCase("Set-Cookie")) {
                cookies.take(String.valueOf(header.getValue()), current().path());
            }
        }
        results.add(judge().judge(whole));
        isAsked = false;
        return next();
    }

    private List<byte[]> without(String why) {
        results.add(
                judge().without(
                                VerificationStatus.FAILED,
                                came.toByteArray(),
                                "no answer to compare: " + why));
        isAsked = false;
        wasUnanswered = true;
        return next();
    }

    private ExchangeJudge judge() {
        long milliseconds = (System.nanoTime() - askedNanos) / 1_000_000;
        return new ExchangeJudge(current(), milliseconds);
    }

    /// The last answer may be whole all the same: its end was the program's.
    private void ended(RunnerRecord.StepEnded end) {
        boolean byItself = isGone || !end.stopped();
        if (!end.kind().equals(Step.Kind.EXCHANGE.wire()) || !byItself || port == 0) {
            return;
        }
        if (isAsked && left == 0 && answer(true) instanceof Answer.Whole whole) {
            List<byte[]> _ = take(whole);
        }
        if (!results.isAllEnded() || wasUnanswered) {
            endedEarly = end;
        }
    }

    @Override
    public boolean isComplete() {
        return said.isComplete();
    }

    @Override
    public SandboxResult result(RunnerRecord.Ended end, Circumstances how) {
        if (!results.isAllEnded() && isAsked) {
            boolean time = end.limit().equals("wall");
            results.add(
                    judge().without(
                                    time ? VerificationStatus.TIMED_OUT : VerificationStatus.FAILED,
                                    came.toByteArray(),
                                    time
                                            ? "the time of the whole run is over"
                                            : "the server ended before it had answered"));
            isAsked = false;
        }
        return Verifications.of(run, verdict(end), said, end, how);
    }

    private Verdict verdict(RunnerRecord.Ended end) {
        if (port == 0) {
            // It wasn't built, or never listened.
            RunPlan.Steps plan = new RunPlan.Steps(RunPlan.Proof.HTTP, steps);
            Language language = Language.of(run.language()).orElseThrow();
            return Verdict.of(plan, language, said, end).proved(results.proof());
        }
        if (results.isAllPassed()) {
            return decided(VerificationStatus.PASSED, null);
        }
        Verdict failed = decided(VerificationStatus.FAILED, null);
        return switch (end.limit()) {
            case "wall" -> failed.limited(VerificationStatus.TIMED_OUT, "time");
            case "output" -> failed.limited(VerificationStatus.OUTPUT_LIMIT, "output");
            default -> endedEarly == null ? failed : ended(endedEarly, end);
        };
    }

    private Verdict ended(RunnerRecord.StepEnded step, RunnerRecord.Ended end) {
        if (end.oomKills() > 0) {
            return decided(VerificationStatus.FAILED, null)
                    .limited(VerificationStatus.OUT_OF_MEMORY, "memory");
        }
        Integer signal = step.stopped() ? null : step.signal();
        Verification.Ending ending =
                new Verification.Ending(
                        step.exit(), signal == null ? null : SignalNames.of(signal), null);
        return Verdict.ofCases(
                        VerificationStatus.FAILED, results.proof(), "server_ended", ending, said)
                .listening(port, null);
    }

    private Verdict decided(VerificationStatus status, @Nullable String reason) {
        return Verdict.ofCases(status, results.proof(), reason, Verification.Ending.NONE, said)
                .listening(port, null);
    }
}
