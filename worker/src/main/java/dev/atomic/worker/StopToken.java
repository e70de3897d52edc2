package dev.atomic.worker;

import java.time.Duration;

/// Tells long work to stop: a model call, a run in the sandbox. Thread-safe.
public interface StopToken {
    boolean isStopped();

    /// Runs an action when the work is to stop, at once if it already is. Close the registration
    /// when what the action stops is over.
    ///
    /// @param action quick and idempotent; may be called on any thread
    Registration onStop(Runnable action);

    /// Waits at most this long for the work to be stopped.
    ///
    /// @return whether it was
    boolean awaitStop(Duration most);

    /// Forgets an action.
    @FunctionalInterface
    interface Registration extends AutoCloseable {
        @Override
        void close();
    }
}
