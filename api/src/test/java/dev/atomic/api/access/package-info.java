@NullUnmarked
package dev.atomic.api.access;

import org.jspecify.annotations.NullUnmarked;
