@NullUnmarked
package dev.atomic.api.relay.socket;

import org.jspecify.annotations.NullUnmarked;
