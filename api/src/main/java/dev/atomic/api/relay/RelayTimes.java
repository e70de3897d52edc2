package dev.atomic.api.relay;

import java.time.Duration;

/// How long the relay waits for whom.
///
/// @param comment between the comments of an idle event stream
/// @param ping between the pings of an idle socket
/// @param silence after which a socket nothing was heard of, not even a pong, is dead
/// @param send one message to a socket may take, for a client that doesn't read on
record RelayTimes(Duration comment, Duration ping, Duration silence, Duration send) {
    static final RelayTimes DEFAULT =
            new RelayTimes(
                    Duration.ofSeconds(15),
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(90),
                    Duration.ofSeconds(120));
}
