package dev.atomic.api.memory;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.shared.problem.ProblemCode;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// The heap that all requests under way may hold together, in bytes: bodies being read, messages
/// being assembled, pages of events being sent.
///
/// A bound on each request alone isn't enough: a thousand clients may each be within it. A size is
/// taken before something is held, and given back when it is let go. What doesn't fit is refused
/// with `503`, so that one client's large requests never end the process.
///
/// Thread-safe.
public final class RequestMemory {
    private static final int RETRY_AFTER_SECONDS = 1;

    private final long capacity;
    private final AtomicLong held = new AtomicLong();

    /// @param capacity most bytes held at once, at least 1
    public RequestMemory(long capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity: " + capacity);
        }
        this.capacity = capacity;
    }

    /// A quarter of the heap this process may have: the rest is for what isn't counted here.
    public static RequestMemory ofThisProcess() {
        return new RequestMemory(Runtime.getRuntime().maxMemory() / 4);
    }

    /// Opens one request's share, which holds nothing yet.
    public Share open() {
        return new Share(capacity);
    }

    /// Opens a share that gets nothing once half of the capacity is held: for what a client may
    /// leave unfinished for as long as it likes, which must not keep others out.
    public Share openForUnfinished() {
        return new Share(capacity / 2);
    }

    /// Bytes held now.
    public long held() {
        return held.get();
    }

    /// What one request holds. Used by one thread at a time.
    public final class Share implements AutoCloseable {
        private final long bound;
        private long bytes;

        private Share(long bound) {
            this.bound = bound;
        }

        /// Takes more, if it fits.
        ///
        /// @param more bytes, not negative
        /// @return whether it was taken; if not, nothing changed
        public boolean tryTake(long more) {
            long before;
            do {
                before = held.get();
                if (more > bound - before) {
                    return false;
                }
            } while (!held.compareAndSet(before, before + more));
            bytes += more;
            return true;
        }

        /// Takes more, if it fits, but no more than half of what this share may: for what is sent
        /// in any case, and would never be if it were larger than all.
        ///
        /// @param more bytes, not negative
        /// @return whether it was taken; if not, nothing changed
        public boolean tryTakeInTurn(long more) {
            return tryTake(Math.min(more, bound / 2));
        }

        /// Takes more.
        ///
        /// @throws ProblemException `503 unavailable` when it doesn't fit now
        public void take(long more) {
            if (!tryTake(more)) {
                throw full();
            }
        }

        /// Gives part of it back.
        ///
        /// @param less bytes, at most what this share holds
        public void giveBack(long less) {
            if (less < 0 || less > bytes) {
                throw new IllegalArgumentException(less + " of " + bytes);
            }
            bytes -= less;
            held.addAndGet(-less);
        }

        /// Gives all of it back; the share may be used again.
        @Override
        public void close() {
            giveBack(bytes);
        }
    }

    /// The answer to a client whose request doesn't fit.
    public static ProblemException full() {
        return new ProblemException(
                ProblemCode.UNAVAILABLE,
                "The requests under way use all the memory they may; try again.",
                List.of(),
                RETRY_AFTER_SECONDS);
    }
}
