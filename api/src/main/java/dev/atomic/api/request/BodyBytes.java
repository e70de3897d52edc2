package dev.atomic.api.request;

import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.shared.problem.ProblemCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// A body's bytes in pieces. They are taken from the budget as they arrive, whatever length the
/// client states, and let go of as they are read. So neither growing nor parsing holds them twice.
///
/// Used by one thread.
final class BodyBytes extends InputStream {
    private static final int FIRST_PIECE = 4 << 10;
    private static final int LARGEST_PIECE = 128 << 10;

    /// What is held for a body is taken from all other requests. So a client that sends slower than
    /// this, after some time to begin with, is not waited for.
    private static final long SLOWEST_SECONDS = 20;

    private static final long SLOWEST_BYTES_A_SECOND = 64 << 10;

    private final LongSupplier nanos;
    private final Deque<ByteBuffer> pieces = new ArrayDeque<>();
    private final JsonCost cost = new JsonCost();

    BodyBytes() {
        this(System::nanoTime);
    }

    /// @param nanos passes as [System#nanoTime()] does
    BodyBytes(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /// Reads until the end.
    ///
    /// @param most bytes
    /// @return whether there were no more than `most`; if not, this is of no use
    /// @throws ProblemException when the budget has no more, the text costs more than any body may,
    ///   or it comes too slowly
    boolean fill(InputStream in, int most, RequestMemory.Share share) throws IOException {
        long started = nanos.getAsLong();
        while (true) {
            // No larger than what came before, so that a client that sends nothing holds next to
            // nothing.
            int size = Math.clamp(cost.bytes(), FIRST_PIECE, LARGEST_PIECE);
            share.take(size);
            byte[] bytes = new byte[size];
            int length = readPiece(in, bytes, started);
            if (cost.bytes() + length > most) {
                return false;
            }
            cost.add(bytes, 0, length);
            pieces.add(ByteBuffer.wrap(bytes, 0, length));
            if (length < size) {
                return true;
            }
        }
    }

    /// @return bytes read; fewer than there is room for at the end
    private int readPiece(InputStream in, byte[] piece, long started) throws IOException {
        int length = 0;
        while (length < piece.length) {
            int more = in.read(piece, length, piece.length - length);
            if (more < 0) {
                break;
            }
            length += more;
            long allowed = SLOWEST_SECONDS + (cost.bytes() + length) / SLOWEST_BYTES_A_SECOND;
            if (nanos.getAsLong() - started > TimeUnit.SECONDS.toNanos(allowed)) {
                throw new ProblemException(
                        ProblemCode.REQUEST_TIMEOUT,
                        "The body comes too slowly; after 20 s it must have come at 64 KiB a second.");
            }
        }
        return length;
    }

    /// What the tree of all that was read will cost.
    JsonCost cost() {
        return cost;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, to.length);
        ByteBuffer piece = pieces.peek();
        while (piece != null && !piece.hasRemaining()) {
            pieces.remove();
            piece = pieces.peek();
        }
        if (piece == null) {
            return -1;
        }
        int count = Math.min(length, piece.remaining());
        piece.get(to, offset, count);
        return count;
    }
}
