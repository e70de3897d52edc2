/// Admits jobs, answers polls and relays events.
@NullMarked
package dev.atomic.api;

import org.jspecify.annotations.NullMarked;
