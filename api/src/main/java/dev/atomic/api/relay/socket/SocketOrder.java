package dev.atomic.api.relay.socket;

import java.util.UUID;

/// What a socket's writer is to do, in the order the client asked.
sealed interface SocketOrder {
    record Say(String message) implements SocketOrder {}

    /// @param after the event after which to begin
    /// @param lastSeq the job row's, read before
    /// @param over whether the job had ended then
    /// @param answer sent before its first event
    record Follow(
            UUID job, long after, long lastSeq, boolean over, boolean accumulate, String answer)
            implements SocketOrder {}

    /// @param answer sent after its last event
    record Leave(UUID job, String answer) implements SocketOrder {}
}
