/// One tail of the event log, and the sockets and streams it feeds, a room each. Neither of the two
/// knows the other, and the tail knows neither.
@NullMarked
package dev.atomic.api.relay;

import org.jspecify.annotations.NullMarked;
