@NullUnmarked
package dev.atomic.api.relay.stream;

import org.jspecify.annotations.NullUnmarked;
