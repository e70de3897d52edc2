package dev.atomic.worker.sandbox.isolated;

import dev.atomic.worker.sandbox.engine.RunnerContainer;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// Carries what one side says over its channel to the other, as it comes and without a look into
/// it, where the two containers can't be connected: neither side is trusted here, and each side
/// checks what it receives.
///
/// Called by the transport's thread of the container that speaks.
final class Relay implements Consumer<byte[]> {
    /// Most bytes in all. An honest suite of tests needs a few MiB.
    static final long MAX_BYTES = 512L << 20;

    /// Most bytes that wait for the other side to take them.
    static final long MAX_WAITING = 32L << 20;

    private final RunnerContainer to;
    private final Consumer<String> cut;
    private final AtomicLong carried = new AtomicLong();
    private volatile boolean over;

    /// @param cut told once, and why, when no more is carried
    Relay(RunnerContainer to, Consumer<String> cut) {
        this.to = to;
        this.cut = cut;
    }

    @Override
    public void accept(byte[] bytes) {
        if (over) {
            return;
        }
        if (carried.addAndGet(bytes.length) > MAX_BYTES || to.waitingBytes() > MAX_WAITING) {
            over = true;
            cut.accept("more than is carried crossed between the tests and the program");
        } else if (bytes.length > 0) {
            to.send(List.of(bytes));
        }
    }
}
