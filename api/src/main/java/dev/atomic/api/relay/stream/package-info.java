/// The same events as server-sent events, a request a stream.
@NullMarked
package dev.atomic.api.relay.stream;

import org.jspecify.annotations.NullMarked;
