package dev.atomic.worker.sandbox.engine;

import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Removes containers that nobody will use or end any more. Most need no reaper: when a worker is
/// killed its containers' input ends, the runner ends, the engine removes them. What is left are
/// containers created and never started, and what an engine forgot over a restart.
///
/// Any number of workers may reap on one engine: what another worker runs is left alone until its
/// deadline.
public final class Reaper {
    /// A container exists at the engine for a moment before its worker knows its id.
    private static final Duration TOO_YOUNG = Duration.ofSeconds(60);

    private static final Logger log = LoggerFactory.getLogger(Reaper.class);

    private final Engine engine;

    public Reaper(Engine engine) {
        this.engine = engine;
    }

    /// One pass.
    ///
    /// @return how many were removed
    public int reap() throws EngineException {
        int removed = 0;
        Instant now = engine.now();
        for (Engine.Found container : engine.containers()) {
            if (isLeftover(container, now)) {
                log.info(
                        "removing container {}, left over by worker {}",
                        container.id(),
                        container.worker());
                engine.remove(container.id());
                removed++;
            }
        }
        return removed;
    }

    private boolean isLeftover(Engine.Found container, Instant now) {
        if (engine.isInUse(container.id())) {
            return false;
        }
        if (now.isAfter(container.deadline())) {
            return true;
        }
        if (container.created().plus(TOO_YOUNG).isAfter(now)) {
            return false;
        }
        return engine.isOurs(container) || !container.running();
    }
}
