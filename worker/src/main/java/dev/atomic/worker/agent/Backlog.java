package dev.atomic.worker.agent;

/// The size of what one connection has read and nobody has taken yet. It is bounded: beyond
/// [#MAX_BYTES] the connection isn't read until something was taken, so that the agent waits
/// instead of the heap filling up. The wait for a frame takes what comes before it, so this comes
/// to an end.
///
/// Thread-safe.
final class Backlog {
    /// A single frame may be larger.
    static final int MAX_BYTES = 8 * 1024 * 1024;

    private long waiting;
    private boolean closed;

    /// Waits for room; not if the backlog is closed.
    synchronized void add(int bytes) throws InterruptedException {
        while (!closed && waiting > 0 && waiting + bytes > MAX_BYTES) {
            wait();
        }
        waiting += bytes;
    }

    synchronized void remove(int bytes) {
        waiting -= bytes;
        notifyAll();
    }

    /// Nobody waits here any longer.
    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
