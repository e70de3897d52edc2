/// The WebSocket: what clients say on it, and what each one is sent.
@NullMarked
package dev.atomic.api.relay.socket;

import org.jspecify.annotations.NullMarked;
