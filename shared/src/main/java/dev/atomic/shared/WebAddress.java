package dev.atomic.shared;

/// Where a process of ours is to listen.
///
/// @param host a name or an address of this machine, checked
/// @param port 0 for any free one
public record WebAddress(String host, int port) {}
