package dev.atomic.worker.sandbox.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// A container's standard input from our side: bytes are handed in by one thread and read by the
/// transport's. (A `PipedInputStream` looks for new bytes once a second only.)
final class StdinFeed extends InputStream {
    private static final byte[] END = new byte[0]; // nothing else that is handed in is empty

    private final BlockingQueue<byte[]> handedIn = new LinkedBlockingQueue<>();
    private byte[] current = new byte[0];
    private int next;
    private boolean ended;

    /// @param bytes not written to any more
    void hand(byte[] bytes) {
        if (bytes.length > 0) {
            handedIn.add(bytes);
        }
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
