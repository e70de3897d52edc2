package dev.atomic.worker.sandbox.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/// A container's standard input from our side: bytes are handed in by one thread and read by the
/// transport's. (A `PipedInputStream` looks for new bytes once a second only.)
final class StdinFeed extends InputStream {
    private static final byte[] END = new byte[0]; // nothing else that is handed in is empty

    private final BlockingQueue<byte[]> handedIn = new LinkedBlockingQueue<>();
    private byte[] current = new byte[0];
    private int next;
    private boolean ended;
    private final AtomicLong waiting = new AtomicLong();

    /// @param bytes not written to any more
    void hand(byte[] bytes) {
        if (bytes.length > 0) {
            waiting.addAndGet(bytes.length);
            handedIn.add(bytes);
        }
    }

    /// Bytes handed in that the transport hasn't begun to take.
    long waiting() {
        return waiting.get();
    }

    void end() {
        handedIn.add(END);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        while (!ended && next == current.length) {
            current = take();
            waiting.addAndGet(-current.length);
            next = 0;
            ended = current.length == 0;
        }
        if (ended) {
            return -1;
        }
        int count = Math.min(length, current.length - next);
        System.arraycopy(current, next, target, offset, count);
        next += count;
        return count;
    }

    private byte[] take() throws InterruptedIOException {
        try {
            return handedIn.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the container's input was interrupted");
        }
    }
}
