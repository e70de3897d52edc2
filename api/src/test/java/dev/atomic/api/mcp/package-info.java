@NullUnmarked
package dev.atomic.api.mcp;

import org.jspecify.annotations.NullUnmarked;
