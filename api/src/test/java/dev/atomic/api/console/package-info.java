@NullUnmarked
package dev.atomic.api.console;

import org.jspecify.annotations.NullUnmarked;
