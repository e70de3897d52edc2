package dev.atomic.worker.sandbox.verdict;

import dev.atomic.worker.StopToken;
import dev.atomic.worker.sandbox.engine.EngineException;
import dev.atomic.worker.sandbox.engine.RunnerContainer;
import dev.atomic.worker.sandbox.run.RunnerRecord;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Leads a dialogue with a container's runner until it has said all.
public final class Following {
    /// How long after its limit a run that the runner should have ended is ended from outside.
    public static final Duration GRACE = Duration.ofSeconds(5);

    /// How soon a cancel is seen.
    private static final Duration INTERVAL = Duration.ofMillis(100);

    private static final Logger log = LoggerFactory.getLogger(Following.class);

    private Following() {}

    /// How it came to an end.
    public sealed interface Followed {
        /// @param atNanos when that was said
        record ToTheEnd(RunnerRecord.Ended ended, long atNanos) implements Followed {}

        record Cancelled() implements Followed {}

        /// @param reason as in `verification.reason`
        record Broken(String reason, boolean isWorthAnother) implements Followed {}
    }

    /// Sends the request and answers the runner until it has said all.
    ///
    /// @param wallMs what the runner was told the run may take
    public static Followed follow(
            RunnerContainer container, Dialogue dialogue, long wallMs, StopToken cancelled)
            throws InterruptedException {
        container.send(dialogue.request());
        return listen(container, dialogue, wallMs, cancelled);
    }

    /// The same where the request was sent already.
    public static Followed listen(
            RunnerContainer container, Dialogue dialogue, long wallMs, StopToken cancelled)
            throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofMillis(wallMs).plus(GRACE).toNanos();
        Followed.@Nullable ToTheEnd end = null;
        try {
            while (!dialogue.isComplete()) {
                if (cancelled.isStopped()) {
                    return new Followed.Cancelled();
                }
                RunnerContainer.Said next = container.next(INTERVAL);
                if (next == null) {
                    if (System.nanoTime() > deadline) {
                        break;
                    }
                    continue;
                }
                if (next.message() instanceof RunnerRecord.RequestRefused refused) {
                    log.warn("the runner refused a request: {}", refused.reason());
                    return new Followed.Broken("request_refused", false);
                }
                container.send(dialogue.take(next.message()));
                if (next.message() instanceof RunnerRecord.Ended ended) {
                    end = new Followed.ToTheEnd(ended, next.atNanos());
                    deadline = System.nanoTime() + GRACE.toNanos();
                }
            }
        } catch (EngineException e) {
            log.warn("a container was lost during its run: {}", e.getMessage());
            return end == null ? new Followed.Broken("runner_lost", true) : end;
        }
        return end == null ? new Followed.ToTheEnd(killed(wallMs), System.nanoTime()) : end;
    }

    /// What stands for the runner's own word when it had to be killed from outside.
    private static RunnerRecord.Ended killed(long wallMs) {
        return new RunnerRecord.Ended("wall", wallMs * 1000, -1, 0, -1, 0, 0, 0);
    }
}
