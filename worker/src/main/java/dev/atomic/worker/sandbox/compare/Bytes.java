package dev.atomic.worker.sandbox.compare;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Bytes from a program that are to be compared, kept up to a bound.
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

    /// The text for people, with malformed UTF-8 and U+0000 as U+FFFD.
    public String shown() {
        return kept.toString(StandardCharsets.UTF_8).replace('\0', '\uFFFD');
    }

    /// The text, if it is UTF-8; anything else is equal to no text.
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
