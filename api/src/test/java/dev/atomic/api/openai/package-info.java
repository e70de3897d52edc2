@NullUnmarked
package dev.atomic.api.openai;

import org.jspecify.annotations.NullUnmarked;
