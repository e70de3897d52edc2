package dev.atomic.worker.sandbox.compare;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// What is kept of bytes from a program that are to be compared: so many and no more.
///
/// Used by one thread.
public final class Bytes {
    private final int most;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private boolean more;

    /// @param most bytes
    public Bytes(int most) {
        this.most = most;
    }

    public void add(byte[] bytes) {
        int room = Math.min(bytes.length, most - kept.size());
        kept.write(bytes, 0, room);
        more |= room < bytes.length;
    }

    /// Whether there was more than is kept.
    public boolean isCut() {
        return more;
    }

    /// For people: what is no UTF-8, and U+0000, as U+FFFD.
    public String shown() {
        return kept.toString(StandardCharsets.UTF_8).replace('\0', '\uFFFD');
    }

    /// What it says, if it is UTF-8: nothing else is equal to any text.
    public Optional<String> text() {
        try {
            return Optional.of(
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(kept.toByteArray()))
                            .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
