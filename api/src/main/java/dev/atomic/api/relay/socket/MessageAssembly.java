package dev.atomic.api.relay.socket;

import dev.atomic.api.memory.RequestMemory;

/// Puts the parts of a message together, one message at a time. The memory is bounded for this
/// message and counted with that of all other requests.
///
/// The parts are for one thread; [#close()] may come from any.
final class MessageAssembly implements AutoCloseable {
    /// Bytes of the heap for a byte received: two for a character, and twice that while the text
    /// grows or is copied.
    private static final int HEAP_PER_BYTE = 4;

    /// Bytes of the heap that are taken at once.
    static final int STEP = 16 * 1024;

    /// What a part brought.
    enum Progress {
        /// More is to come.
        PARTIAL,
        /// The message is whole: [#take()] it.
        WHOLE,
        /// The message is over and was too large to be kept.
        TOO_LARGE,
        /// The message is over and there was no room to keep it now.
        NO_ROOM,
        /// More than anybody should send: the socket is to be closed.
        EXCESSIVE
    }

    private final long kept;
    private final long read;
    private final RequestMemory.Share share;
    private final StringBuilder text = new StringBuilder();
    private long bytes;
    private long counted;
    private boolean noRoom;
    private boolean taken;
    private boolean closed;

    /// @param kept largest message that is taken, in bytes of UTF-8
    /// @param read largest message that is read to its end to be skipped
    /// @param share what the messages are counted in
    MessageAssembly(long kept, long read, RequestMemory.Share share) {
        this.kept = kept;
        this.read = read;
        this.share = share;
    }

    /// A part of a text message; nothing is kept of it when the socket is closed.
    synchronized Progress text(CharSequence part, boolean last) {
        if (closed) {
            return Progress.PARTIAL;
        }
        bytes += utf8Length(part);
        noRoom = noRoom || (bytes <= kept && !hasRoom());
        if (bytes <= kept && !noRoom) {
            text.append(part);
        } else {
            release();
        }
        return progress(last);
    }

    /// A part of a binary message, which is only counted.
    synchronized Progress binary(int length, boolean last) {
        bytes += length;
        return progress(last);
    }

    private boolean hasRoom() {
        long needed = (bytes * HEAP_PER_BYTE + STEP - 1) / STEP * STEP;
        if (needed > counted && !share.tryTake(needed - counted)) {
            return false;
        }
        counted = Math.max(counted, needed);
        return true;
    }

    private Progress progress(boolean last) {
        if (bytes > read) {
            return Progress.EXCESSIVE;
        }
        if (!last) {
            return Progress.PARTIAL;
        }
        Progress progress = Progress.WHOLE;
        if (bytes > kept) {
            progress = Progress.TOO_LARGE;
        } else if (noRoom) {
            progress = Progress.NO_ROOM;
        }
        bytes = 0;
        noRoom = false;
        return progress;
    }

    /// The whole message, counted until [#handled()].
    synchronized String take() {
        taken = true;
        String message = text.toString();
        text.setLength(0);
        text.trimToSize();
        return message;
    }

    /// The message that was taken is let go; the next may begin.
    synchronized void handled() {
        taken = false;
        release();
    }

    /// The socket is closed: what isn't being handled is let go.
    @Override
    public synchronized void close() {
        closed = true;
        if (!taken) {
            release();
        }
    }

    private void release() {
        text.setLength(0);
        text.trimToSize();
        counted = 0;
        share.close();
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
