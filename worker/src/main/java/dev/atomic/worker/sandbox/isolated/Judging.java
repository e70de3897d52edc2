package dev.atomic.worker.sandbox.isolated;

import dev.atomic.worker.StopToken;
import dev.atomic.worker.sandbox.engine.EngineException;
import dev.atomic.worker.sandbox.engine.RunnerContainer;
import dev.atomic.worker.sandbox.run.RunnerRequest;
import dev.atomic.worker.sandbox.run.Toolchain;
import dev.atomic.worker.sandbox.verdict.Following;
import dev.atomic.worker.sandbox.verdict.Following.Followed;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs tests in one container against the program in another.
///
/// Thread-safe.
public final class Judging {
    private static final Logger log = LoggerFactory.getLogger(Judging.class);

    /// Where the two containers come from, both fresh, and where they go.
    public interface Containers {
        /// One for the tests; its limits are the configured ones.
        RunnerContainer judge() throws EngineException, InterruptedException;

        /// One for the program; its limits are the run's.
        RunnerContainer subject() throws EngineException, InterruptedException;

        /// Of no more use: to be ended, but not before the verdict is out.
        void retire(RunnerContainer used);
    }

    private Judging() {}

    /// Runs one trial. A cancelled one finds nothing.
    public static Finding judge(Trial trial, Containers containers, StopToken cancelled)
            throws InterruptedException {
        try {
            RunnerContainer judge = containers.judge();
            try {
                RunnerContainer subject = containers.subject();
                try {
                    return judge(trial, judge, subject, cancelled);
                } finally {
                    containers.retire(subject);
                }
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
        Relay toSubject = new Relay(subject);
        Relay toJudge = new Relay(judge);
        judge.relay(toSubject);
        subject.relay(toJudge);
        JudgeSide side = new JudgeSide(trial);
        // The judge first: its runner drops what the subject says before it has its request.
        judge.send(side.request());
        // Nothing the subject says decides anything, so nobody listens to it but the judge. The
        // judge learns from the end of its channel that the subject has gone.
        subject.send(subjectRequest(trial));
        Followed end = Following.listen(judge, side, trial.wallMs(), cancelled);
        if (toSubject.isOverflowed() || toJudge.isOverflowed()) {
            return Finding.not("more than is carried crossed between the tests and the program");
        }
        return switch (end) {
            case Followed.ToTheEnd _ -> side.finding();
            case Followed.Cancelled _ -> Finding.not("it was cancelled");
            case Followed.Broken _ -> Finding.not("the judge's container was lost");
        };
    }

    private static List<byte[]> subjectRequest(Trial trial) {
        return new RunnerRequest(
                        trial.wallMs(),
                        trial.program(),
                        "",
                        List.of(Toolchain.subject()),
                        List.of())
                .encode();
    }
}
