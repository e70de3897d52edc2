/// The one tail of the event log, and the places in it that are followed.
@NullMarked
package dev.atomic.api.relay.tail;

import org.jspecify.annotations.NullMarked;
