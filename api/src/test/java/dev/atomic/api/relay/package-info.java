@NullUnmarked
package dev.atomic.api.relay;

import org.jspecify.annotations.NullUnmarked;
