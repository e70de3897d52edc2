package dev.atomic.api.relay;

/// Puts the parts of one message at a time together, in bounded memory. Pure, for one thread.
final class MessageAssembly {
    /// What a part brought.
    enum Progress {
        /// More is to come.
        PARTIAL,
        /// The message is whole: [#take()] it.
        WHOLE,
        /// The message is over and was too large to be kept.
        TOO_LARGE,
        /// More than anybody should send: the socket is to be closed.
        EXCESSIVE
    }

    private final long kept;
    private final long read;
    private final StringBuilder text = new StringBuilder();
    private long bytes;

    /// @param kept largest message that is taken, in bytes of UTF-8
    /// @param read largest message that is read to its end to be skipped
    MessageAssembly(long kept, long read) {
        this.kept = kept;
        this.read = read;
    }

    Progress text(CharSequence part, boolean last) {
        bytes += utf8Length(part);
        if (bytes <= kept) {
            text.append(part);
        } else {
            text.setLength(0);
            text.trimToSize();
        }
        return progress(last);
    }

    /// A part of a binary message, which is only counted.
    Progress binary(int length, boolean last) {
        bytes += length;
        return progress(last);
    }

    private Progress progress(boolean last) {
        if (bytes > read) {
            return Progress.EXCESSIVE;
        }
        if (!last) {
            return Progress.PARTIAL;
        }
        boolean whole = bytes <= kept;
        bytes = 0;
        return whole ? Progress.WHOLE : Progress.TOO_LARGE;
    }

    /// The whole message; the next may begin.
    String take() {
        String message = text.toString();
        text.setLength(0);
        text.trimToSize();
        return message;
    }

    /// Half of a surrogate pair counts 2, so that a pair counts 4 wherever the parts are cut.
    static long utf8Length(CharSequence text) {
        long length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                length += 1;
            } else if (c < 0x800 || Character.isSurrogate(c)) {
                length += 2;
            } else {
                length += 3;
            }
        }
        return length;
    }
}
