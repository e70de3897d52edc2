/// One tail of the event log, and the sockets and streams it feeds.
@NullMarked
package dev.atomic.api.relay;

import org.jspecify.annotations.NullMarked;
