package dev.atomic.api.request;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.shared.problem.ProblemCode;

/// What the tree of a JSON text will cost, computed from its bytes before there is a tree. Each
/// byte is looked at once and nothing is allocated. 12 MiB of `{}` would be 4 million objects and
/// 400 MB.
///
/// It doesn't check the text. Where a text stops being JSON the parser ends, and the count is right
/// up to there.
///
/// Used by one thread at a time.
final class JsonCost {
    /// Most values in a body. 400 files are 1,600, and metadata of 16 KiB at most 8,000.
    static final int MAX_VALUES = 50_000;

    /// Most UTF-16 units of one text. The longest that is ever taken is 1 Mi code points.
    static final int MAX_TEXT_CHARS = 2 << 20;

    /// Heap of a value with its place in its parent, the parser's set of names included: the most
    /// is an object of one field in an object of one field, 270.
    private static final int VALUE_BYTES = 320;

    /// Heap for each unit of the longest text while it is put together: the parser's segments, and
    /// a builder with room for their sum.
    private static final int BUFFERS = 5;

    /// Jackson's own bound on nesting, where it ends.
    private static final int DEEPEST = 500;

    private long bytes;
    private int values = 1;
    private int depth;

    /// Whether a list or object has begun and nothing in it yet.
    private boolean opened;

    private boolean inText;

    /// Bytes of an escape that are still to come.
    private int escaped;

    private boolean escapeBegins;
    private int textBytes;
    private int textUnits;

    /// Whether the text has a character beyond ISO-8859-1, so that all of it takes two bytes each.
    private boolean wide;

    private long wideBytes;
    private int longest;

    /// Looks at the next bytes of the text.
    ///
    /// @throws ProblemException `payload_too_large`: more values, or a longer text, than a body may
    ///   have
    void add(byte[] buffer, int from, int to) {
        bytes += to - from;
        for (int i = from; i < to && depth <= DEEPEST; i++) {
            if (inText) {
                inText(buffer[i]);
            } else {
                between(buffer[i]);
            }
        }
    }

    private void between(byte b) {
        if (b == ' ' || b == '\n' || b == '\r' || b == '\t') {
            return;
        }
        if (opened && b != '}' && b != ']') {
            oneMore();
        }
        opened = false;
        switch (b) {
            case '"' -> {
                inText = true;
                textBytes = 0;
                textUnits = 0;
                wide = false;
            }
            case '{', '[' -> {
                depth++;
                opened = true;
            }
            case '}', ']' -> depth--;
            case ',' -> oneMore();
            default -> {}
        }
    }

    private void oneMore() {
        values++;
        if (values > MAX_VALUES) {
            throw new ProblemException(
                    ProblemCode.PAYLOAD_TOO_LARGE,
                    "The body may have at most " + MAX_VALUES + " JSON values.");
        }
    }

    private void inText(byte b) {
        textBytes++;
        if (escapeBegins) {
            escapeBegins = false;
            if (b == 'u') {
                escaped = 4;
                wide = true;
            }
        } else if (escaped > 0) {
            escaped--;
        } else if (b == '"') {
            endText();
        } else {
            escapeBegins = b == '\\';
            textUnits += units(b);
            wide |= (b & 0xff) > 0xc3;
            if (textUnits > MAX_TEXT_CHARS) {
                throw new ProblemException(
                        ProblemCode.PAYLOAD_TOO_LARGE,
                        "A text in the body may have at most " + MAX_TEXT_CHARS + " characters.");
            }
        }
    }

    private void endText() {
        inText = false;
        if (wide) {
            wideBytes += textBytes;
        }
        longest = Math.max(longest, textUnits);
    }

    /// UTF-16 units that begin with this byte of UTF-8.
    private static int units(byte b) {
        int unsigned = b & 0xff;
        if (unsigned >= 0xf0) {
            return 2;
        }
        return unsigned >= 0x80 && unsigned < 0xc0 ? 0 : 1;
    }

    /// Bytes of heap that the tree takes at most, its texts included.
    long tree() {
        return bytes + wideBytes + (long) values * VALUE_BYTES;
    }

    /// Most bytes of heap that the parser takes in addition, until it is done.
    long parser() {
        return (long) longest * BUFFERS;
    }

    /// Bytes looked at.
    long bytes() {
        return bytes;
    }
}
