/// What requests hold in memory, bounded together.
@NullMarked
package dev.atomic.api.memory;

import org.jspecify.annotations.NullMarked;
