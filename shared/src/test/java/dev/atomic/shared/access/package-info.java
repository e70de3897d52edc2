@NullUnmarked
package dev.atomic.shared.access;

import org.jspecify.annotations.NullUnmarked;
