package dev.atomic.api.relay.socket;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// How long a socket waits. Only tests that can't wait need to set these.
///
/// @param ping between the pings of an idle socket
/// @param silence after which a socket nothing was heard of, not even a pong, is dead
/// @param send one message to a socket may take, for a client that doesn't read on
@ConfigurationProperties("relay")
record SocketTimes(
        @DefaultValue("20s") Duration ping,
        @DefaultValue("90s") Duration silence,
        @DefaultValue("120s") Duration send) {}
