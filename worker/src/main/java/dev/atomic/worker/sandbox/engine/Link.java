package dev.atomic.worker.sandbox.engine;

/// How a container is connected with another one, so that the judge of tests and the program they
/// are about can speak to each other without anybody in between.
///
/// A socket in a small place in memory that both containers have: the judge's side listens there
/// before a byte of the program is in the other one, takes one connection, and removes the socket.
/// A call between the two takes a tenth of what it takes by way of the engine and this process.
public sealed interface Link {
    /// Where the place is in both containers, as `ops/sandbox/harness/isolated/connection.py` has
    /// it.
    String PLACE = "/run/atomic";

    /// None: what the two say is carried by this process.
    record None() implements Link {}

    /// It has a place of its own, where another one can be connected to it.
    record Offered() implements Link {}

    /// It sees the place of that one, and can't write there.
    ///
    /// @param container the other's id
    record To(String container) implements Link {}
}
