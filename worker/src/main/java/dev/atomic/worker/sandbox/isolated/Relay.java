package dev.atomic.worker.sandbox.isolated;

import dev.atomic.worker.sandbox.engine.RunnerContainer;
import dev.atomic.worker.sandbox.run.Batch;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// Carries what one side says over its channel to the other, as it comes and without a look into
/// it: neither side is trusted here, and each side checks what it receives.
///
/// Called by the transport's thread of the container that speaks.
final class Relay implements Consumer<byte[]> {
    /// Most bytes in all. An honest suite of tests needs a few MiB.
    static final long MAX_BYTES = 512L << 20;

    /// Most bytes that wait for the other side to take them.
    static final long MAX_WAITING = 32L << 20;

    private final RunnerContainer to;
    private final AtomicLong carried = new AtomicLong();
    private volatile boolean overflowed;

    Relay(RunnerContainer to) {
        this.to = to;
    }

    /// @param bytes a piece of any size; none: the side has closed its channel
    @Override
    public void accept(byte[] bytes) {
        if (overflowed) {
            return;
        }
        if (carried.addAndGet(bytes.length) > MAX_BYTES || to.waitingBytes() > MAX_WAITING) {
            overflowed = true;
            to.send(List.of(Batch.channel(new byte[0])));
            return;
        }
        to.send(List.of(Batch.channel(bytes)));
    }

    /// Whether the side said more than is carried; what it said is cut off there.
    boolean isOverflowed() {
        return overflowed;
    }
}
