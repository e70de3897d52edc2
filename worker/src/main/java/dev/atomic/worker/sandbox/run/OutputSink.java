package dev.atomic.worker.sandbox.run;

import dev.atomic.shared.verify.CaseResult;

/// Takes what a program prints while it runs. Called from one thread at a time; may block, which
/// holds up the program's output but not its wall clock.
@FunctionalInterface
public interface OutputSink {
    /// @param stream `stdout` or `stderr`
    /// @param text valid Unicode, U+0000 and malformed bytes as U+FFFD; a character is never split
    void output(String stream, String text);

    /// A case or a request has ended, behind all it printed.
    default void ended(CaseResult result) {}

    /// The tests have passed, and are now run again by a judge that the program can't reach.
    default void judging() {}
}
