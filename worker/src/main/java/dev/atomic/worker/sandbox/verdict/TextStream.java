package dev.atomic.worker.sandbox.verdict;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/// Turns a program's bytes into text piece by piece: no character is split, malformed bytes and
/// U+0000 (which no database keeps) become U+FFFD. Used by one thread.
final class TextStream {
    private static final int MAX_CHARACTER_BYTES = 4;

    private final CharsetDecoder decoder =
            StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPLACE)
                    .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private byte[] rest = new byte[0];

    /// The text so far complete.
    String feed(byte[] bytes) {
        return decode(bytes, false);
    }

    /// What is left when no more bytes come.
    String end() {
        return decode(new byte[0], true);
    }

    private String decode(byte[] bytes, boolean last) {
        ByteBuffer input =
                ByteBuffer.allocate(rest.length + bytes.length).put(rest).put(bytes).flip();
        CharBuffer output = CharBuffer.allocate(input.remaining() + MAX_CHARACTER_BYTES);
        decoder.decode(input, output, last);
        if (last) {
            decoder.flush(output);
            decoder.reset();
        }
        rest = new byte[input.remaining()];
        input.get(rest);
        return output.flip().toString().replace('\0', '\uFFFD');
    }
}
