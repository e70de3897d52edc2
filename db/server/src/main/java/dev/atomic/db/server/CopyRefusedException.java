package dev.atomic.db.server;

import java.io.Serial;

/// A copy that wasn't begun, or was undone: both databases are as they were. The message is what an
/// operator reads.
public final class CopyRefusedException extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    CopyRefusedException(String why) {
        super(why);
    }
}
