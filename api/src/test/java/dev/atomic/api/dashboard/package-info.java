@NullUnmarked
package dev.atomic.api.dashboard;

import org.jspecify.annotations.NullUnmarked;
