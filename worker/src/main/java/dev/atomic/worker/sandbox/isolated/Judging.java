package dev.atomic.worker.sandbox.isolated;

import dev.atomic.worker.StopToken;
import dev.atomic.worker.sandbox.engine.EngineException;
import dev.atomic.worker.sandbox.engine.RunnerContainer;
import dev.atomic.worker.sandbox.run.RunnerRequest;
import dev.atomic.worker.sandbox.run.Toolchain;
import dev.atomic.worker.sandbox.verdict.Following;
import dev.atomic.worker.sandbox.verdict.Following.Followed;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs tests in one container against the program in another.
///
/// Thread-safe.
public final class Judging {
    private static final Logger log = LoggerFactory.getLogger(Judging.class);
    private static final long MORE_MS = 1_000;

    /// Where the two containers come from, both fresh, and where they go.
    public interface Containers {
        /// One for the tests, of the configured limits, joined by one for the program, of the
        /// run's.
        RunnerContainer judge() throws EngineException, InterruptedException;

        /// Both of no more use: to be ended, but not before the verdict is out.
        void retire(RunnerContainer judge);
    }

    private Judging() {}

    /// Runs one trial. A cancelled one finds nothing.
    public static Finding judge(Trial trial, Containers containers, StopToken cancelled)
            throws InterruptedException {
        try {
            RunnerContainer judge = containers.judge();
            try {
                return judge(trial, judge, judge.subject(), cancelled);
            } finally {
                containers.retire(judge);
            }
        } catch (EngineException e) {
            log.warn("no container for a judge and its subject: {}", e.getMessage());
            return Finding.not("there was no container for it");
        }
    }

    private static Finding judge(
            Trial trial, RunnerContainer judge, RunnerContainer subject, StopToken cancelled)
            throws InterruptedException {
        AtomicReference<@Nullable String> cut = new AtomicReference<>();
        if (!judge.isLinked()) {
            relay(
                    judge,
                    subject,
                    why -> {
                        if (cut.compareAndSet(null, why)) {
                            judge.abandon(why);
                        }
                    });
        }
        JudgeSide side = new JudgeSide(trial);
        // The judge first: its runner would take what the subject says for a part of its request.
        judge.send(side.request());
        // Nothing the subject says decides anything, so nobody listens to it but the judge.
        subject.send(subjectRequest(trial));
        Followed end = Following.listen(judge, side, trial.wallMs(), cancelled);
        String why = cut.get();
        if (why != null && !side.isComplete()) {
            return Finding.not(why);
        }
        return switch (end) {
            case Followed.ToTheEnd _ -> side.finding();
            case Followed.Cancelled _ -> Finding.not("it was cancelled");
            case Followed.Broken _ -> Finding.not("the judge's container was lost");
        };
    }

    private static void relay(
            RunnerContainer judge, RunnerContainer subject, Consumer<String> cut) {
        judge.relay(new Relay(subject, cut));
        Relay toJudge = new Relay(judge, cut);
        subject.relay(bytes -> {
            if (bytes.length > 0) {
                toJudge.accept(bytes);
            } else {
                cut.accept("the program's process ended before the tests did");
            }
        });
    }

    /// It may take a little longer than the judge, so that of a trial that takes too long it is the
    /// judge that says so.
    private static List<byte[]> subjectRequest(Trial trial) {
        return new RunnerRequest(
                        trial.wallMs() + MORE_MS,
                        trial.program(),
                        "",
                        List.of(Toolchain.subject()),
                        List.of())
                .encode();
    }
}
