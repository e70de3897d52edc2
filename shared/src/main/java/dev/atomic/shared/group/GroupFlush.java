package dev.atomic.shared.group;

import java.util.List;

/// How a group is committed, and what becomes of it when it can't be.
///
/// Used by one thread at a time.
///
/// @param <T> a member, which carries what its owner waits for
public interface GroupFlush<T> {
    /// Commits all of them, or throws and commits none. May be called again with some of the same.
    void commit(List<T> group);

    /// Whether it failed because the database is away, through no member's fault.
    boolean isOutage(RuntimeException failure);

    /// The database is away.
    ///
    /// @param left those not committed, in order
    /// @return whether to try again at once; if not, they are the callee's now
    /// @throws InterruptedException when nothing is to be committed any more
    boolean outlast(List<T> left, RuntimeException outage) throws InterruptedException;

    /// This one alone can't be committed.
    void fail(T culprit, RuntimeException failure);

    /// Commits a group, in order. If it fails for one of its members, each goes alone, so that only
    /// the culprit fails.
    ///
    /// @throws InterruptedException as [#outlast] does
    default void flush(List<T> group) throws InterruptedException {
        List<T> left = group;
        int together = group.size();
        while (!left.isEmpty()) {
            List<T> rest = left.subList(together, left.size());
            try {
                commit(left.subList(0, together));
                left = rest;
            } catch (RuntimeException e) {
                if (isOutage(e)) {
                    if (!outlast(left, e)) {
                        return;
                    }
                } else if (together == 1) {
                    fail(left.getFirst(), e);
                    left = rest;
                } else {
                    together = 1;
                }
            }
        }
    }
}
