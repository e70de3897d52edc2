package dev.atomic.worker.agent;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Cuts a stream into lines. It reads in blocks: read a byte at a time, a stream's lock costs more
/// than all that is done with a short line.
///
/// For one thread.
final class Lines {
    private final InputStream input;
    private final int longest;
    private final byte[] block = new byte[64 * 1024];
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
    private int next;
    private int end;

    /// @param longest bytes of a line, its newline not counted
    Lines(InputStream input, int longest) {
        this.input = input;
        this.longest = longest;
    }

    /// The next line without its newline, null at the end. What comes after the last newline is no
    /// line.
    ///
    /// @throws FrameCodec.BrokenFrame for a line that is longer than allowed, as soon as it is
    byte @Nullable [] next() throws IOException, FrameCodec.BrokenFrame {
        while (true) {
            int newline = next;
            while (newline < end && block[newline] != '\n') {
                newline++;
            }
            if (begun.size() + newline - next > longest) {
                throw new FrameCodec.BrokenFrame("a line from the agent is longer than 16 MiB");
            }
            begun.write(block, next, newline - next);
            if (newline < end) {
                next = newline + 1;
                byte[] line = begun.toByteArray();
                begun.reset();
                return line;
            }
            next = 0;
            end = Math.max(0, input.read(block));
            if (end == 0) {
                return null;
            }
        }
    }
}
