package dev.atomic.worker.agent;

import dev.atomic.worker.agent.AgentConnection.Received;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What came for one request and wasn't taken yet. What it takes of the heap is counted in the
/// connection's [Backlog].
///
/// Thread-safe.
final class Inbox implements AutoCloseable {
    /// What a frame takes besides its text.
    private static final int FRAME_BYTES = 400;

    /// @param bytes as counted in the backlog
    private record Item(Received received, int bytes) {}

    private final Backlog backlog;
    private final BlockingQueue<Item> items = new LinkedBlockingQueue<>();
    private boolean closed;

    Inbox(Backlog backlog) {
        this.backlog = backlog;
    }

    /// Adds a frame, as soon as the backlog has room for it.
    ///
    /// @param length of its line in bytes
    void put(Frame frame, int length) throws InterruptedException {
        int bytes = FRAME_BYTES + length;
        backlog.add(bytes);
        synchronized (this) {
            if (closed) {
                backlog.remove(bytes);
            } else {
                items.add(new Item(new Received.Got(frame), bytes));
            }
        }
    }

    /// Wakes the thread that waits here.
    void gone() {
        items.add(new Item(new Received.Gone(), 0));
    }

    /// @return null when nothing came in time
    @Nullable Received poll(long timeout, TimeUnit unit) throws InterruptedException {
        Item item = items.poll(timeout, unit);
        if (item == null) {
            return null;
        }
        backlog.remove(item.bytes());
        return item.received();
    }

    /// What comes from now on is dropped.
    @Override
    public synchronized void close() {
        closed = true;
        for (Item item = items.poll(); item != null; item = items.poll()) {
            backlog.remove(item.bytes());
        }
    }
}
