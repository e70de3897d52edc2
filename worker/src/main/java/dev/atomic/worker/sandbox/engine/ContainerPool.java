package dev.atomic.worker.sandbox.engine;

import dev.atomic.shared.verify.Limits;
import dev.atomic.worker.sandbox.run.Preparation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Fresh containers, started and attached, that have never run anything. One is taken for a run and
/// never comes back. Only a container of exactly the asked limits is given out. Most can be used
/// for any run, some are prepared for one kind of it.
///
/// Filled by one thread of its own, which also lets go of those that were used: both take the
/// processor from the run whose answer is just being written, so both wait for a lull.
///
/// Thread-safe.
public final class ContainerPool implements AutoCloseable {
    /// How long after a run's end its verdict is written and its request answered. Taking its
    /// container down and starting the next costs 125 ms of processor, which made those few steps
    /// take three times as long.
    private static final Duration LULL = Duration.ofMillis(60);

    /// Where runs come one behind the other there is no lull: then none is waited for any longer.
    private static final Duration YIELD = Duration.ofMillis(150);

    private static final Duration FIRST_RETRY = Duration.ofMillis(250);
    private static final Duration MAX_RETRY_PAUSE = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration CHECK = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(ContainerPool.class);

    /// Starts a container of the pool's limits.
    @FunctionalInterface
    public interface Starter {
        RunnerContainer start(Preparation preparation) throws EngineException, InterruptedException;
    }

    private final Duration oldest;
    private final Starter starter;
    private final Shelves ready;
    private final List<RunnerContainer> used = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Thread filler;
    private boolean closed;
    private int running;
    private long endedNanos = System.nanoTime();

    /// @param sizes how many of which are kept ready; those that aren't named aren't kept. No pool
    ///   if there is none for any run
    /// @param oldest an unused container is replaced after this
    public ContainerPool(Map<Preparation, Integer> sizes, Duration oldest, Starter starter) {
        this.ready = new Shelves(sizes);
        this.oldest = oldest;
        this.starter = starter;
        this.filler = Thread.ofPlatform().name("sandbox-pool").daemon().unstarted(this::fill);
    }

    public void start() {
        if (ready.isUsed()) {
            filler.start();
        }
    }

    /// A container of exactly these limits that is prepared as wanted, if one is ready.
    public Optional<RunnerContainer> take(Limits limits, Preparation wanted) {
        List<RunnerContainer> useless = List.of();
        lock.lock();
        try {
            useless = ready.removeIf(each -> !each.isThere());
            return ready.take(limits, wanted);
        } finally {
            lock.unlock();
            useless.forEach(RunnerContainer::close);
        }
    }

    /// A run begins: starting containers would compete with it.
    public void runBegins() {
        lock.lock();
        try {
            running++;
        } finally {
            lock.unlock();
        }
    }

    public void runEnded() {
        lock.lock();
        try {
            running--;
            endedNanos = System.nanoTime();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Takes over a container that a run has used, to let go of it in the next lull. One in which
    /// anything may still go on is ended at once.
    public void leave(RunnerContainer container) {
        if (container.isComplete()) {
            retire(container);
        } else {
            container.close();
        }
    }

    /// The same for one in which something may go on until then: a program that nobody asks
    /// anything any more.
    public void retire(RunnerContainer container) {
        lock.lock();
        try {
            if (ready.isUsed() && !closed) {
                used.add(container);
                changed.signalAll();
                return;
            }
        } finally {
            lock.unlock();
        }
        container.close();
    }

    /// Of those for any run.
    public int readyCount() {
        lock.lock();
        try {
            return ready.count(Preparation.NOTHING);
        } finally {
            lock.unlock();
        }
    }

    private void fill() {
        Duration retry = FIRST_RETRY;
        while (awaitNeed()) {
            try {
                takeUsed().forEach(RunnerContainer::close);
                Optional<Preparation> lacking = lacking();
                if (lacking.isPresent()) {
                    add(starter.start(lacking.get()));
                }
                retry = FIRST_RETRY;
            } catch (EngineException e) {
                if (retry.equals(FIRST_RETRY)) {
                    log.warn(
                            "no container for the pool ({}); it tries on, until then runs start their own",
                            e.getMessage());
                }
                if (!pause(retry)) {
                    return;
                }
                retry = min(retry.multipliedBy(2), MAX_RETRY_PAUSE);
            } catch (InterruptedException e) {
                return; // closing
            } catch (RuntimeException e) {
                log.error("the pool's filling failed in a way not foreseen; it goes on", e);
                if (!pause(MAX_RETRY_PAUSE)) {
                    return;
                }
            }
        }
    }

    /// Waits until there is something to do and it may be done; false when the pool is closed.
    private boolean awaitNeed() {
        lock.lock();
        try {
            long latest = Long.MAX_VALUE;
            while (!closed) {
                dropUseless();
                if (ready.lacking().isEmpty() && used.isEmpty()) {
                    latest = Long.MAX_VALUE;
                    changed.await(CHECK.toMillis(), TimeUnit.MILLISECONDS);
                    continue;
                }
                long now = System.nanoTime();
                latest = latest == Long.MAX_VALUE ? now + YIELD.toNanos() : latest;
                long left = Math.min(latest - now, untilLull(now));
                if (left <= 0) {
                    return true;
                }
                changed.awaitNanos(left);
            }
            return false;
        } catch (InterruptedException e) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    /// With none ready the next run waits for what is started, and nobody for the last one as much.
    private long untilLull(long now) {
        if (running > 0) {
            return Long.MAX_VALUE;
        }
        return ready.count(Preparation.NOTHING) == 0 ? 0 : endedNanos + LULL.toNanos() - now;
    }

    private Optional<Preparation> lacking() {
        lock.lock();
        try {
            return ready.lacking();
        } finally {
            lock.unlock();
        }
    }

    private List<RunnerContainer> takeUsed() {
        lock.lock();
        try {
            List<RunnerContainer> taken = List.copyOf(used);
            used.clear();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /// Those the engine has lost (it was restarted, say), and those that are too old.
    private void dropUseless() {
        ready.removeIf(each -> !each.isThere() || each.age().compareTo(oldest) > 0)
                .forEach(RunnerContainer::close);
    }

    private void add(RunnerContainer container) {
        lock.lock();
        try {
            if (!closed) {
                ready.add(container);
                return;
            }
        } finally {
            lock.unlock();
        }
        container.close();
    }

    private boolean pause(Duration time) {
        lock.lock();
        try {
            long left = time.toNanos();
            while (!closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            return !closed;
        } catch (InterruptedException e) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /// Ends the filling and every container that is ready or was used.
    @Override
    public void close() {
        List<RunnerContainer> left;
        lock.lock();
        try {
            closed = true;
            left = new ArrayList<>(ready.removeIf(_ -> true));
            left.addAll(used);
            used.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        left.forEach(RunnerContainer::close);
        endFiller();
    }

    /// Lets it finish a container it is starting: interrupted between the engine's work and its
    /// answer, it would leave one that nobody knows.
    private void endFiller() {
        try {
            if (filler.isAlive()) {
                filler.join(PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        filler.interrupt();
    }
}
