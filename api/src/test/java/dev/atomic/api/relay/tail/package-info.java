@NullUnmarked
package dev.atomic.api.relay.tail;

import org.jspecify.annotations.NullUnmarked;
