package dev.atomic.shared;

import java.util.Optional;

/// Where a process of ours is to listen.
///
/// @param host a name or an address of this machine, checked
/// @param port 0 for any free one
/// @param tls empty for plain HTTP
public record WebAddress(String host, int port, Optional<TlsFiles> tls) {
    /// In plain HTTP.
    public WebAddress(String host, int port) {
        this(host, port, Optional.empty());
    }
}
