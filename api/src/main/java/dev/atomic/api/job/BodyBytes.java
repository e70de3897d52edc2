package dev.atomic.api.job;

import dev.atomic.api.memory.RequestMemory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;

/// A body's bytes in pieces: taken from the budget as they arrive, whatever the client says their
/// length is, and let go of as they are read. So neither growing nor parsing holds them twice.
///
/// Used by one thread.
final class BodyBytes extends InputStream {
    private static final int FIRST_PIECE = 4 << 10;
    private static final int LARGEST_PIECE = 128 << 10;

    private final Deque<ByteBuffer> pieces = new ArrayDeque<>();
    private final JsonCost cost = new JsonCost();

    /// Reads until the end.
    ///
    /// @param most bytes
    /// @return whether there were no more than `most`; if not, this is of no use
    /// @throws dev.atomic.api.problem.ProblemException when the budget has no more, or the text
    ///   costs more than any body may
    boolean fill(InputStream in, int most, RequestMemory.Share share) throws IOException {
        while (true) {
            // No larger than what came before: who sends nothing holds next to nothing.
            int size = Math.clamp(cost.bytes(), FIRST_PIECE, LARGEST_PIECE);
            share.take(size);
            byte[] bytes = new byte[size];
            int length = in.readNBytes(bytes, 0, size);
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
