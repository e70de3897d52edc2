package dev.atomic.shared.group;

import java.time.Duration;
import java.util.List;

/// Group commit: one thread commits, and what gathers meanwhile goes into its next commit together.
/// There is no timer and no added wait: a lone member is committed at once.
///
/// Thread-safe.
///
/// @param <T> a member
public final class GroupCommit<T> {
    private final Gathering<T> gathering;
    private final GroupFlush<T> flush;
    private final Runnable idle;
    private final Thread thread;
    private volatile boolean stopping;

    private GroupCommit(String name, Gathering<T> gathering, GroupFlush<T> flush, Runnable idle) {
        this.gathering = gathering;
        this.flush = flush;
        this.idle = idle;
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    }

    /// Starts its thread.
    public static <T> GroupCommit<T> start(
            String name, Gathering<T> gathering, GroupFlush<T> flush) {
        return start(name, gathering, flush, () -> {});
    }

    /// Starts its thread.
    ///
    /// @param idle run on the thread whenever nothing was due for a while
    public static <T> GroupCommit<T> start(
            String name, Gathering<T> gathering, GroupFlush<T> flush, Runnable idle) {
        GroupCommit<T> started = new GroupCommit<>(name, gathering, flush, idle);
        started.thread.start();
        return started;
    }

    private void run() {
        try {
            while (true) {
                boolean last = stopping;
                List<T> group = gathering.take();
                if (!group.isEmpty()) {
                    flush.flush(group);
                    gathering.settled();
                } else if (last) {
                    return;
                } else {
                    idle.run();
                }
            }
        } catch (InterruptedException stop) {
            // the flush has had enough
        }
    }

    /// Whether it was told to stop.
    public boolean isStopping() {
        return stopping;
    }

    /// Commits what has gathered, and stops.
    ///
    /// @param patience how long to wait for that; what is still under way then is left to itself
    /// @return whether all is committed
    public boolean stop(Duration patience) {
        stopping = true;
        gathering.close();
        try {
            // The thread isn't interrupted: H2 closes the connection of an interrupted thread,
            // whatever it was doing.
            return thread.join(patience);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
