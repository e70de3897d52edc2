package dev.atomic.shared.group;

import java.util.List;

/// Where members gather until the next group is taken.
///
/// Thread-safe. One thread takes.
///
/// @param <T> a member
public interface Gathering<T> {
    /// Waits for something that is due, and takes the next group. Once it is closed, takes what
    /// there is without waiting.
    ///
    /// @return in the order they came; empty when nothing was due for a while, or it is closed and
    ///   empty
    List<T> take() throws InterruptedException;

    /// What was taken last is settled.
    void settled();

    /// From now on no call waits in [#take].
    void close();
}
