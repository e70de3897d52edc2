package dev.atomic.shared.group;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToLongFunction;

/// Members in the order they arrived, each due at once.
///
/// Thread-safe. One thread takes.
///
/// @param <T> a member, told from others by `equals`
public final class Arrivals<T> implements Gathering<T> {
    private final Bounds<T> bounds;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<T> waiting = new ArrayDeque<>();
    private boolean closed;

    /// @param bounds of what is taken at a time
    public Arrivals(Bounds<T> bounds) {
        this.bounds = bounds;
    }

    /// How large a group gets, and how long to wait for its first member.
    ///
    /// @param members most members of a group, at least 1
    /// @param weight at which a group is full; the last member may take it above
    /// @param weigher a member's part of it
    /// @param idle how long [#take] waits for a first member
    public record Bounds<T>(int members, long weight, ToLongFunction<T> weigher, Duration idle) {
        public Bounds {
            if (members < 1) {
                throw new IllegalArgumentException("members: " + members);
            }
        }
    }

    /// Joins the next group that has room.
    ///
    /// @return false if it is closed and nothing is taken any more
    public boolean add(T member) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            waiting.add(member);
            changed.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Leaves again.
    ///
    /// @return whether it was in time: no group has taken it, and none will
    public boolean withdraw(T member) {
        lock.lock();
        try {
            return waiting.remove(member);
        } finally {
            lock.unlock();
        }
    }

    /// Takes all that wait, without making a group of them.
    public List<T> drain() {
        lock.lock();
        try {
            List<T> all = List.copyOf(waiting);
            waiting.clear();
            return all;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<T> take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = bounds.idle().toNanos();
            while (waiting.isEmpty() && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            List<T> group = new ArrayList<>();
            long weight = 0;
            while (!waiting.isEmpty()
                    && group.size() < bounds.members()
                    && (group.isEmpty() || weight < bounds.weight())) {
                T next = waiting.remove();
                group.add(next);
                weight += bounds.weigher().applyAsLong(next);
            }
            return group;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void settled() {}

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
